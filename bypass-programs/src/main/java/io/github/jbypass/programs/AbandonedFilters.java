// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.NetworkDevice;
import io.github.jbypass.core.TcDirection;
import io.github.jbypass.core.TcFilter;
import io.github.jbypass.maps.ArrivalMap;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;

/**
 * Filters that an earlier process left on an interface because connections from outside still
 * needed them. Once these have ended, whoever comes next removes the filters.
 */
final class AbandonedFilters {
  private static final System.Logger LOGGER = System.getLogger(Bypass.class.getName());

  private AbandonedFilters() {}

  /** Removes those that nothing needs any more. */
  static void remove(NetworkDevice device, String namePrefix) {
    for (var direction : TcDirection.values()) {
      for (var filter : TcFilter.list(device, direction)) {
        if (filter.name().startsWith(namePrefix) && isAbandoned(filter)) {
          filter.detach();
        }
      }
    }
  }

  private static boolean isAbandoned(TcFilter filter) {
    try (var program = BpfProgram.openById(filter.info().program())) {
      return program.info().mapIds().stream().noneMatch(AbandonedFilters::isNeeded);
    } catch (BpfException e) { // it has just gone, or may not be looked at
      LOGGER.log(Level.DEBUG, "can''t tell whether {0} is needed: {1}", filter, e.getMessage());
      return false;
    }
  }

  private static boolean isNeeded(int mapId) {
    try (var map = BpfMap.openById(mapId)) {
      return switch (map.name()) {
        case "arrived" -> new ArrivalMap(map).size() > 0;
        case "leading_process" -> leads(map);
        default -> false;
      };
    }
  }

  private static boolean leads(BpfMap map) {
    try (var arena = Arena.ofConfined()) {
      return map.lookup(arena.allocate(JAVA_INT), arena.allocate(JAVA_LONG));
    }
  }
}
