// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfMap;
import java.lang.foreign.Arena;

/**
 * A pinned data path of another layout, which can't be adopted: it serves the connections that it
 * has, beside one that takes the new ones, and is removed after the last.
 */
final class Predecessor implements AutoCloseable {
  private final PinnedLayout layout;
  private final Switches switches;

  Predecessor(PinnedLayout layout) {
    this.layout = layout;
    switches = layout.switches();
  }

  Switches switches() {
    return switches;
  }

  PinnedLayout layout() {
    return layout;
  }

  /** Leaves new connections to another data path, which has to be attached already. */
  void supersede() {
    switches.superseded(true);
    switches.enrolling(false);
    layout.stopLeading();
    layout.removeFilters();
  }

  /** Whether no connection needs it any more. */
  boolean isDrained() {
    return isEmpty("sockets")
        && isEmpty("proxies")
        && isEmpty("dialled")
        && layout.connectionsFromOutside() == 0;
  }

  private boolean isEmpty(String name) {
    try (var map = layout.map(name);
        var arena = Arena.ofConfined()) {
      return isEmpty(map, arena);
    }
  }

  private static boolean isEmpty(BpfMap map, Arena arena) {
    return !map.nextKey(null, arena.allocate(map.keySize(), Long.BYTES));
  }

  @Override
  public void close() {
    switches.close();
  }
}
