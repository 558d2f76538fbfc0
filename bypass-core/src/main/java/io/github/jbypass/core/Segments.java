// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.lang.foreign.MemorySegment;

/** Whether the kernel can use memory that was handed to a map. */
final class Segments {
  private Segments() {}

  static void requireReadable(BpfMap map, MemorySegment segment, long size, String what) {
    if (!segment.isNative() || segment.byteSize() < size) {
      throw unusable(map, segment, size, what);
    }
  }

  static void requireWritable(BpfMap map, MemorySegment segment, long size, String what) {
    if (!segment.isNative() || segment.byteSize() < size || segment.isReadOnly()) {
      throw unusable(map, segment, size, what);
    }
  }

  static void requireBatch(BpfMap map, MemorySegment segment, int size, int count, String what) {
    if (count < 0) {
      throw new IllegalArgumentException("a batch of " + count + " entries");
    }
    requireReadable(map, segment, (long) size * count, "memory of the " + what);
  }

  private static IllegalArgumentException unusable(
      BpfMap map, MemorySegment segment, long size, String what) {
    var complaint =
        !segment.isNative()
            ? "is on the heap: allocate it in an Arena"
            : segment.byteSize() < size
                ? "has " + segment.byteSize() + " bytes, not " + size
                : "is read-only";
    return new IllegalArgumentException("the " + what + " for " + map + " " + complaint);
  }
}
