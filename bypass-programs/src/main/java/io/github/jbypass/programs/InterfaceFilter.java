// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.NetworkDevice;
import io.github.jbypass.core.NetworkNamespace;
import io.github.jbypass.core.TcDirection;
import io.github.jbypass.core.TcFilter;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A filter on an interface that this library made, in whatever process.
 *
 * @param filter the filter
 * @param maps numbers of the maps that its program uses: they tell whose it is
 */
record InterfaceFilter(TcFilter filter, List<Integer> maps) {
  static final String NAME_PREFIX = "jbypass-";

  /** {@return those of a device; for received packets first} */
  static List<InterfaceFilter> on(NetworkDevice device) {
    return Arrays.stream(TcDirection.values()).flatMap(way -> on(device, way)).toList();
  }

  private static Stream<InterfaceFilter> on(NetworkDevice device, TcDirection direction) {
    return TcFilter.list(device, direction).stream()
        .filter(filter -> filter.name().startsWith(NAME_PREFIX))
        .flatMap(filter -> inspect(filter).stream());
  }

  /** {@return those of all devices in all network namespaces that can be found} */
  static List<InterfaceFilter> everywhere() {
    return NetworkNamespace.all().stream().flatMap(InterfaceFilter::in).toList();
  }

  private static Stream<InterfaceFilter> in(NetworkNamespace namespace) {
    try {
      return namespace.devices().stream().flatMap(device -> on(device).stream()).toList().stream();
    } catch (BpfException e) { // it has just gone, or may not be entered
      new LogEvent("namespace_unreadable").with("namespace", namespace).log(Level.DEBUG, e);
      return Stream.empty();
    }
  }

  private static Optional<InterfaceFilter> inspect(TcFilter filter) {
    try (var program = BpfProgram.openById(filter.info().program())) {
      return Optional.of(new InterfaceFilter(filter, program.info().mapIds()));
    } catch (BpfException e) { // it has just gone, or may not be looked at
      new LogEvent("filter_unreadable").with("filter", filter).log(Level.DEBUG, e);
      return Optional.empty();
    }
  }

  /** {@return whether its program uses a map} */
  boolean uses(int map) {
    return maps.contains(map);
  }
}
