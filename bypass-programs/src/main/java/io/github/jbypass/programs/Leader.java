// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfProgram;
import java.lang.foreign.Arena;

/**
 * Who leads connections from outside: a map of programs that the filters on all interfaces share.
 * The kernel empties it when no process has it open and no file pins it, so that filters stop
 * leading with whatever else attached the data path.
 *
 * <p>Thread-safe.
 */
final class Leader {
  static final String MAP = "leader";

  /** The places in the map: enum leader_place. */
  private static final int LEADS = 0;

  private static final int STAYS = 1;

  private final BpfMap map;

  Leader(BpfMap map) {
    this.map = map;
  }

  /** Says that somebody is there who may lead: nobody else removes the filters. */
  void stay(BpfProgram any) {
    put(STAYS, any);
  }

  /** Hands new connections to a program from now on, on all interfaces at once. */
  void lead(BpfProgram program) {
    put(LEADS, program);
  }

  /** {@return whether somebody is there} */
  boolean stays() {
    try (var arena = Arena.ofConfined()) {
      return map.lookup(arena.allocateFrom(JAVA_INT, STAYS), arena.allocate(JAVA_INT));
    }
  }

  /** Leaves new connections alone from now on. */
  void stopLeading() {
    clear(LEADS);
  }

  /** The same, and leaves the filters to whoever finds them unneeded. */
  void end() {
    clear(LEADS);
    clear(STAYS);
  }

  private void clear(int place) {
    try (var arena = Arena.ofConfined()) {
      map.delete(arena.allocateFrom(JAVA_INT, place));
    }
  }

  private void put(int place, BpfProgram program) {
    try (var arena = Arena.ofConfined()) {
      map.update(arena.allocateFrom(JAVA_INT, place), program);
    }
  }
}
