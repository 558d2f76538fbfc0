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
  public static final class Scratch {
    private final MemorySegment key;
    private final MemorySegment value;
    private final long keyAddress;
    private final long valueAddress;

    /** Whose it is, who alone reads and writes {@link #taken}; 0 if shared. */
    private final long thread;

    private boolean taken = true;

    private Scratch(ScratchPool pool, long thread) {
      var arena = Arena.ofAuto();
      this.key = arena.allocate(pool.keySize, Long.BYTES);
      this.value = arena.allocate(pool.valueSize, Long.BYTES);
      this.keyAddress = key.address();
      this.valueAddress = value.address();
      this.thread = thread;
    }

    public MemorySegment key() {
      return key;
    }

    public MemorySegment value() {
      return value;
    }

    /** Of the key, until the piece is given back. */
    public long keyAddress() {
      return keyAddress;
    }

    /** Of the value, until the piece is given back. */
    public long valueAddress() {
      return valueAddress;
    }
  }

  private final @Nullable Scratch[] own = new Scratch[SLOTS]; // races are harmless: see thread
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
      return takeOther(thread, mine);
    }
    mine.taken = true;
    return mine;
  }

  private Scratch takeOther(long thread, @Nullable Scratch inSlot) {
    int slot = slot(thread);
    if (inSlot == null || inSlot.thread != thread && ++misses % FREQUENT == 0) {
      return own[slot] = new Scratch(this, thread);
    }
    var scratch = shared.getAndSet(slot, null);
    return scratch != null ? scratch : new Scratch(this, 0);
  }

  /** Gives a piece back: by the thread that took it. */
  public void give(Scratch scratch) {
    if (scratch.thread != 0) {
      scratch.taken = false;
    } else {
      shared.setRelease(slot(Thread.currentThread().threadId()), scratch);
    }
  }

  private static int slot(long thread) {
    return (int) thread & SLOTS - 1;
  }
}
