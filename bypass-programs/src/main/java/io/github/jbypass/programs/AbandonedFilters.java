// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.NetworkDevice;
import io.github.jbypass.maps.ArrivalMap;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * Filters that were left on interfaces because connections from outside still needed them. Once
 * these have ended, whoever comes next removes the filters.
 */
final class AbandonedFilters {
  private AbandonedFilters() {}

  /** Removes those of a device that nothing needs any more. */
  static void remove(NetworkDevice device) {
    remove(InterfaceFilter.on(device));
  }

  /** Removes those of them that nothing needs any more. */
  static void remove(List<InterfaceFilter> filters) {
    filters.stream()
        .filter(candidate -> candidate.maps().stream().noneMatch(AbandonedFilters::isNeeded))
        .forEach(candidate -> candidate.filter().detach());
  }

  /** Whether a map says that filters whose programs use it have to stay. */
  private static boolean isNeeded(int mapId) {
    try (var map = BpfMap.openById(mapId)) {
      return switch (map.name()) {
        case "arrived" -> new ArrivalMap(map).size() > 0;
        case Leader.MAP -> new Leader(map).stays();
        default -> false;
      };
    } catch (BpfException e) {
      new LogEvent("map_unreadable").with("map", mapId).log(Level.DEBUG, e);
      return true;
    }
  }
}
