// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Native memory for one key and one value, reused by all operations of a thread. */
final class Scratch {
  private static final ThreadLocal<Scratch> MINE = ThreadLocal.withInitial(Scratch::new);
  private static final int SIZE = 208; // of the largest key or value

  /** Room for a key. */
  final MemorySegment key;

  /** Room for a value. */
  final MemorySegment value;

  private Scratch() {
    var memory = Arena.ofAuto().allocate(2L * SIZE, Long.BYTES);
    key = memory.asSlice(0, SIZE);
    value = memory.asSlice(SIZE, SIZE);
  }

  static Scratch get() {
    return MINE.get();
  }
}
