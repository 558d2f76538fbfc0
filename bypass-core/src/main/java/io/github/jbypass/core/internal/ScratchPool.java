// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for the length of one operation. A thread usually gets back the piece that it used
 * last, so that operations allocate nothing; where that one is taken, by a thread that shares the
 * slot or by a callback inside the operation, it gets a new one. Thread-safe, never waits; memory
 * is freed by the garbage collector.
 */
public final class ScratchPool {
  private static final int SLOTS = 64; // a power of two

  private final AtomicReferenceArray<@Nullable MemorySegment> free =
      new AtomicReferenceArray<>(SLOTS);
  private final long size;

  /**
   * A pool of equal pieces.
   *
   * @param size bytes of each
   */
  public ScratchPool(long size) {
    this.size = Math.max(size, Long.BYTES);
  }

  /** Takes a piece, aligned to eight bytes. What it holds is left from its last use. */
  public MemorySegment take() {
    var piece = free.getAndSet(slot(), null);
    return piece != null ? piece : Arena.ofAuto().allocate(size, Long.BYTES);
  }

  /** Gives a piece back. */
  public void give(MemorySegment piece) {
    free.setRelease(slot(), piece);
  }

  private static int slot() {
    return (int) Thread.currentThread().threadId() & SLOTS - 1;
  }
}
