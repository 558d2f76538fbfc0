// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * Numbers of eight bytes in memory that running programs change at the same time: counters, limits,
 * switches. No operation makes a system call or allocates, and each is atomic: a number is never
 * seen half written. The names say how an operation is ordered with others, as those of {@link
 * VarHandle} do:
 *
 * <ul>
 *   <li><b>opaque</b>: not ordered; sooner or later seen, and changes of one number are seen in
 *       their order. Enough for counters.
 *   <li><b>acquire</b> and <b>release</b>: what was written before a release is seen by whoever
 *       acquires the number that it wrote. In a BPF program, a full barrier such as an {@code
 *       __sync_} function with a used result stands for both; clang 18 has {@code __atomic} ones.
 *   <li><b>volatile</b>: one order of all such operations, for both sides.
 * </ul>
 *
 * <p>What BPF adds with {@code __sync_fetch_and_add} and Java with {@link #getAndAdd} is never
 * lost. A plain {@code x++} in a program is not atomic between CPUs, and loses.
 *
 * <p>Thread-safe. Once the memory's owner is closed, everything throws {@link
 * IllegalStateException}.
 */
public final class SharedLongs {
  private static final VarHandle LONG = JAVA_LONG.varHandle();

  private final MemorySegment memory;
  private final long offset;
  private final long stride;
  private final int length;

  SharedLongs(MemorySegment memory, long offset, long stride, int length) {
    this.memory = memory;
    this.offset = offset;
    this.stride = stride;
    this.length = length;
  }

  /** {@return how many numbers there are} */
  public int length() {
    return length;
  }

  /**
   * Reads a number, unordered.
   *
   * @param index from 0 to {@link #length} - 1
   * @return the number
   */
  public long getOpaque(int index) {
    return (long) LONG.getOpaque(memory, at(index));
  }

  /**
   * Reads a number and what was written before it was released.
   *
   * @param index from 0 to {@link #length} - 1
   * @return the number
   */
  public long getAcquire(int index) {
    return (long) LONG.getAcquire(memory, at(index));
  }

  /**
   * Reads a number in the one order.
   *
   * @param index from 0 to {@link #length} - 1
   * @return the number
   */
  public long getVolatile(int index) {
    return (long) LONG.getVolatile(memory, at(index));
  }

  /**
   * Writes a number, unordered.
   *
   * @param index from 0 to {@link #length} - 1
   * @param value what to write
   */
  public void setOpaque(int index, long value) {
    LONG.setOpaque(memory, at(index), value);
  }

  /**
   * Writes a number, after everything that was written before.
   *
   * @param index from 0 to {@link #length} - 1
   * @param value what to write
   */
  public void setRelease(int index, long value) {
    LONG.setRelease(memory, at(index), value);
  }

  /**
   * Writes a number in the one order.
   *
   * @param index from 0 to {@link #length} - 1
   * @param value what to write
   */
  public void setVolatile(int index, long value) {
    LONG.setVolatile(memory, at(index), value);
  }

  /**
   * Adds to a number, in the one order. Returns what it was before.
   *
   * @param index from 0 to {@link #length} - 1
   * @param delta what to add
   * @return what it was before
   */
  public long getAndAdd(int index, long delta) {
    return (long) LONG.getAndAdd(memory, at(index), delta);
  }

  /**
   * Replaces a number if it is the expected one, in the one order. Returns whether it was.
   *
   * @param index from 0 to {@link #length} - 1
   * @param expected what it has to be
   * @param value what to write
   * @return whether it was replaced
   */
  public boolean compareAndSet(int index, long expected, long value) {
    return LONG.compareAndSet(memory, at(index), expected, value);
  }

  /**
   * Adds up all numbers, each read opaquely: no snapshot while programs count.
   *
   * @return the sum
   */
  public long sum() {
    long sum = 0;
    for (int i = 0; i < length; i++) {
      sum += getOpaque(i);
    }
    return sum;
  }

  private long at(int index) {
    return offset + Objects.checkIndex(index, length) * stride;
  }
}
