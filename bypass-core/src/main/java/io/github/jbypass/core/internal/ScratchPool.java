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

  /** Room for a key and a value, each aligned to eight bytes. Holds what its last use left. */
  public record Scratch(MemorySegment key, MemorySegment value) {}

  private final AtomicReferenceArray<@Nullable Scratch> free = new AtomicReferenceArray<>(SLOTS);
  private final long keySize;
  private final long valueSize;

  /**
   * A pool of equal pieces.
   *
   * @param keySize bytes of the keys
   * @param valueSize bytes of the values
   */
  public ScratchPool(long keySize, long valueSize) {
    this.keySize = keySize;
    this.valueSize = valueSize;
  }

  /** Takes a piece. */
  public Scratch take() {
    var scratch = free.getAndSet(slot(), null);
    return scratch != null ? scratch : allocate();
  }

  private Scratch allocate() {
    var arena = Arena.ofAuto();
    return new Scratch(arena.allocate(keySize, Long.BYTES), arena.allocate(valueSize, Long.BYTES));
  }

  /** Gives a piece back. */
  public void give(Scratch scratch) {
    free.setRelease(slot(), scratch);
  }

  private static int slot() {
    return (int) Thread.currentThread().threadId() & SLOTS - 1;
  }
}
