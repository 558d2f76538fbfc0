// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.function.LongBinaryOperator;

/**
 * The values that one key of a per-CPU map has, one for each possible CPU, whether it is online or
 * not. A view of memory that {@link BpfMap#lookup} fills and {@link BpfMap#update} reads; as
 * thread-safe as that memory. The kernel copies CPU after CPU, so a sum is not a snapshot.
 */
public final class PerCpu {
  private final MemorySegment values;
  private final int valueSize;
  private final int stride;

  /**
   * Looks at memory as values for each CPU.
   *
   * @param values {@link BpfMap#transferSize} bytes
   * @param valueSize {@link BpfMap#valueSize}
   */
  public PerCpu(MemorySegment values, int valueSize) {
    this.values = values;
    this.valueSize = valueSize;
    this.stride = Math.ceilDiv(valueSize, Long.BYTES) * Long.BYTES;
    if (valueSize <= 0 || values.byteSize() % stride != 0) {
      throw new IllegalArgumentException(
          values.byteSize() + " bytes can't be values of " + valueSize + " bytes for each CPU");
    }
  }

  /** {@return all values, as the map operations take them} */
  public MemorySegment values() {
    return values;
  }

  /** {@return how many CPUs are possible on this machine} */
  public int cpus() {
    return (int) (values.byteSize() / stride);
  }

  /**
   * {@return the value of one CPU}
   *
   * @param cpu from 0 to {@link #cpus} - 1
   */
  public MemorySegment slice(int cpu) {
    return values.asSlice((long) cpu * stride, valueSize);
  }

  /**
   * Adds up a counter of all CPUs. Allocates nothing.
   *
   * @param offset in bytes, where eight bytes of each value begin
   * @return the sum
   */
  public long sumLongs(int offset) {
    return reduceLongs(offset, 0, Long::sum);
  }

  /**
   * Adds up an unsigned counter of four bytes of all CPUs. Allocates nothing.
   *
   * @param offset in bytes, where four bytes of each value begin
   * @return the sum
   */
  public long sumInts(int offset) {
    checkOffset(offset, Integer.BYTES);
    long sum = 0;
    for (long at = offset; at < values.byteSize(); at += stride) {
      sum += Integer.toUnsignedLong(values.get(JAVA_INT, at));
    }
    return sum;
  }

  /**
   * Combines a number of all CPUs, in the order of their numbers, for instance to the greatest.
   *
   * @param offset in bytes, where eight bytes of each value begin
   * @param identity what to begin with
   * @param operator combines what came before with the next CPU's
   * @return the combined number
   */
  public long reduceLongs(int offset, long identity, LongBinaryOperator operator) {
    checkOffset(offset, Long.BYTES);
    long result = identity;
    for (long at = offset; at < values.byteSize(); at += stride) {
      result = operator.applyAsLong(result, values.get(JAVA_LONG, at));
    }
    return result;
  }

  private void checkOffset(int offset, int size) {
    if (offset < 0 || offset > valueSize - size || offset % size != 0) {
      throw new IndexOutOfBoundsException(
          "no %d bytes at offset %d of a value of %d".formatted(size, offset, valueSize));
    }
  }
}
