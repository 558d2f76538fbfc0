// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The way to {@link FlightEvent}s for those who must not name the class: it can't be loaded where
 * the module jdk.jfr is missing. Nor can an event class name its subclasses, which Flight Recorder
 * changes while they are loaded.
 */
final class FlightEvents {
  private FlightEvents() {}

  static Object begin(Transition.Kind kind) {
    FlightEvent event =
        switch (kind) {
          case LOAD -> new FlightEvent.Load();
          case ATTACH -> new FlightEvent.Attach();
          case ADOPT -> new FlightEvent.Adopt();
          case PIN -> new FlightEvent.Pin();
          case ENABLE -> new FlightEvent.Enable();
          case DISABLE -> new FlightEvent.Disable();
          case DRAIN -> new FlightEvent.Drain();
          case CLOSE -> new FlightEvent.Close();
          case UNLOAD -> new FlightEvent.Unload();
          case UNINSTALL -> new FlightEvent.Uninstall();
        };
    event.begin();
    return event;
  }

  static void complete(Object event, Map<String, Object> fields, @Nullable Throwable cause) {
    ((FlightEvent) event).complete(fields, cause);
  }
}
