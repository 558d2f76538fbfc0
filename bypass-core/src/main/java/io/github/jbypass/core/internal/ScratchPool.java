// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for the length of one operation, so that operations allocate nothing. Most threads
 * have a piece of their own, which needs no atomic instruction. Who has none, because another
 * thread came first, or uses it already, in an operation around a callback, takes one of those that
 * all share, or a new one. Thread-safe, never waits; memory is freed by the garbage collector.
 */
public final class ScratchPool {
  private static final int SLOTS = 64; // a power of two

  /** Uses of shared pieces after which a thread gets its own, in place of one that may be gone. */
  private static final int FREQUENT = 1000;

  /** Room for a key and a value, each aligned to eight bytes. Holds what its last use left. */
  public record Scratch(MemorySegment key, MemorySegment value) {}

  /** The piece of a thread, and whether that uses it: nobody else reads or writes it. */
  private static final class Own {
    private final long thread;
    private final Scratch scratch;
    private boolean taken;

    Own(long thread, Scratch scratch) {
      this.thread = thread;
      this.scratch = scratch;
    }
  }

  private final @Nullable Own[] own = new Own[SLOTS]; // races are harmless: see thread
  private final AtomicReferenceArray<@Nullable Scratch> shared = new AtomicReferenceArray<>(SLOTS);
  private final long keySize;
  private final long valueSize;
  private int misses; // about how many

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
    long thread = Thread.currentThread().threadId();
    var mine = own[slot(thread)];
    if (mine == null || mine.thread != thread || mine.taken) {
      return takeShared(thread, mine);
    }
    mine.taken = true;
    return mine.scratch;
  }

  private Scratch takeShared(long thread, @Nullable Own other) {
    int slot = slot(thread);
    var scratch = shared.getAndSet(slot, null);
    if (scratch == null) {
      scratch = allocate();
    }
    if (other == null || other.thread != thread && ++misses % FREQUENT == 0) {
      var mine = new Own(thread, scratch);
      mine.taken = true;
      own[slot] = mine;
    }
    return scratch;
  }

  private Scratch allocate() {
    var arena = Arena.ofAuto();
    return new Scratch(arena.allocate(keySize, Long.BYTES), arena.allocate(valueSize, Long.BYTES));
  }

  /** Gives a piece back: by the thread that took it. */
  public void give(Scratch scratch) {
    int slot = slot(Thread.currentThread().threadId());
    var mine = own[slot];
    if (mine != null && mine.scratch == scratch) {
      mine.taken = false;
    } else {
      shared.setRelease(slot, scratch);
    }
  }

  private static int slot(long thread) {
    return (int) thread & SLOTS - 1;
  }
}
