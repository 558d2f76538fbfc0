// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import java.util.List;
import java.util.stream.Stream;

/**
 * What pins are called. Names that later versions don't use any more stay here: whatever was ever
 * pinned can be uninstalled.
 */
final class OwnNames {
  private static final List<String> MAPS =
      SharedState.MAPS.stream().map(SharedState::pinName).toList();

  private static final List<String> GATES = List.of(Place.REDIRECT, Place.PASS);

  /** Programs in control groups. */
  private static final List<String> IN_CGROUPS =
      Stream.of(List.of(Bypass.TRACKER), Interception.RESTORERS, Interception.LEADERS)
          .flatMap(List::stream)
          .toList();

  private OwnNames() {}

  static boolean isMap(String name) {
    return MAPS.contains(name);
  }

  static boolean isProgram(String name) {
    return Bypass.ITERATORS.contains(name);
  }

  /** A link to the socket map. */
  static boolean isGate(String name) {
    return GATES.contains(name);
  }

  static boolean isLinkIn(String name, long cgroup) {
    return isLink(name) && name.endsWith(suffix(cgroup));
  }

  static boolean isLink(String name) {
    return isGate(name)
        || IN_CGROUPS.stream().anyMatch(program -> name.matches(program + "_[0-9a-f]{16}"));
  }

  /** A program has one link in each control group. */
  static String linkIn(String program, long cgroup) {
    return program + suffix(cgroup);
  }

  private static String suffix(long cgroup) {
    return "_%016x".formatted(cgroup);
  }
}
