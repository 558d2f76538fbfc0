// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A change of a {@link Bypass}'s state while it is being made. When it is complete, the log and
 * Flight Recorder are told. One that fails is for the exception to tell, and Flight Recorder. For
 * use by one thread.
 */
final class Transition {
  /** What can change, and the name in the log once it has. */
  enum Kind {
    LOAD("loaded"),
    ATTACH("attached"),
    ADOPT("adopted"),
    PIN("pinned"),
    ENABLE("enabled"),
    DISABLE("disabled"),
    DRAIN("drained"),
    CLOSE("closed"),
    UNLOAD("unloaded"),
    UNINSTALL("uninstalled");

    private final String done;

    Kind(String done) {
      this.done = done;
    }
  }

  private static final boolean IS_RECORDED = canRecord();

  private final LogEvent fields;
  private final @Nullable Object event; // a FlightEvent, a class that can't be loaded without JFR
  private final long begin = System.nanoTime();

  private Transition(Kind kind) {
    fields = new LogEvent(kind.done);
    event = IS_RECORDED ? FlightEvents.begin(kind) : null;
  }

  /** The change begins now. */
  static Transition begin(Kind kind) {
    return new Transition(kind);
  }

  /** Runtime images may lack the module; on the module path somebody has to ask for it. */
  private static boolean canRecord() {
    var own = Transition.class.getModule();
    return ModuleLayer.boot().findModule("jdk.jfr").filter(own::canRead).isPresent();
  }

  Transition with(String key, Object value) {
    fields.with(key, value);
    return this;
  }

  /** Does it, and tells. */
  void run(Runnable change) {
    make(
        () -> {
          change.run();
          return this;
        });
  }

  /** Does it, and tells before it hands over what came of it. */
  <T> T make(Supplier<T> change) {
    T made;
    try {
      made = change.get();
    } catch (RuntimeException e) {
      record(e);
      throw e;
    }
    succeeded();
    return made;
  }

  private void succeeded() {
    long elapsed = Duration.ofNanos(System.nanoTime() - begin).toMillis();
    record(null);
    fields.with("duration_ms", elapsed).log(Level.INFO);
  }

  private void record(@Nullable Throwable cause) {
    if (event != null) {
      FlightEvents.complete(event, fields, cause);
    }
  }
}
