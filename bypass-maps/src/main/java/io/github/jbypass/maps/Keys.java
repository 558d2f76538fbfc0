// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.jbypass.core.BpfMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.function.Consumer;

/** Walks over a SOCKHASH that changes meanwhile; hashes have {@link BpfMap#forEach}. */
final class Keys {
  private Keys() {}

  /**
   * Calls back for each key once. When the key that the walk stands on is removed, the kernel
   * begins again at the first one: keys seen before are then skipped, and the number of steps is
   * bounded, so that a map in turmoil can't hold the caller forever. Keys that are there all the
   * time are found unless that bound is reached; others may be.
   */
  static void forEach(BpfMap map, Consumer<MemorySegment> action) {
    try (var arena = Arena.ofConfined()) {
      var previous = arena.allocate(map.keySize(), Long.BYTES);
      var next = arena.allocate(map.keySize(), Long.BYTES);
      var seen = new HashSet<ByteBuffer>();
      long steps = 4L * map.maxEntries();
      for (boolean more = map.nextKey(null, next);
          more && steps > 0;
          more = map.nextKey(previous, next), steps--) {
        if (seen.add(ByteBuffer.wrap(next.toArray(JAVA_BYTE)))) {
          action.accept(next);
        }
        previous.copyFrom(next);
      }
    }
  }
}
