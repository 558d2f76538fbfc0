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
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Filters that an earlier process left on an interface because connections from outside still
 * needed them. Once these have ended, whoever comes next removes the filters.
 */
final class AbandonedFilters {
  private static final System.Logger LOGGER = System.getLogger(Bypass.class.getName());

  private AbandonedFilters() {}

  /** A filter, the maps of its program, and whether these say that it is needed. */
  private record Candidate(TcFilter filter, List<Integer> maps, boolean isNeeded) {}

  /** Removes those that nothing needs any more. */
  static void remove(NetworkDevice device, String namePrefix) {
    List<Candidate> candidates =
        Arrays.stream(TcDirection.values())
            .flatMap(direction -> TcFilter.list(device, direction).stream())
            .filter(filter -> filter.name().startsWith(namePrefix))
            .flatMap(filter -> candidate(filter).stream())
            .toList();
    // only one of a process's two programs knows whether it leads: both have maps in common
    Set<Integer> needed =
        candidates.stream()
            .filter(Candidate::isNeeded)
            .flatMap(candidate -> candidate.maps.stream())
            .collect(Collectors.toSet());
    candidates.stream()
        .filter(candidate -> Collections.disjoint(candidate.maps, needed))
        .forEach(candidate -> candidate.filter.detach());
  }

  private static Optional<Candidate> candidate(TcFilter filter) {
    try (var program = BpfProgram.openById(filter.info().program())) {
      List<Integer> maps = program.info().mapIds();
      boolean needed = maps.stream().anyMatch(AbandonedFilters::isNeeded);
      return Optional.of(new Candidate(filter, maps, needed));
    } catch (BpfException e) { // it has just gone, or may not be looked at
      LOGGER.log(Level.DEBUG, "can''t tell whether {0} is needed: {1}", filter, e.getMessage());
      return Optional.empty();
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
