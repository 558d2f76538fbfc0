// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What flows in one direction: every byte follows from a seed and its offset, so that a reader can
 * tell each byte that is lost, doubled, early or a stranger's.
 */
public record Content(long seed) {
  private static final ValueLayout.OfLong WORD =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int SAMPLE = 16;
  private static final long NEIGHBOURHOOD = 4 << 20;

  /** The bytes from that offset on. */
  public byte[] bytes(long offset, int length) {
    byte[] result = new byte[length];
    fill(MemorySegment.ofArray(result), offset);
    return result;
  }

  /** Overwrites the whole segment with the bytes from that offset on. */
  public void fill(MemorySegment target, long offset) {
    long size = target.byteSize();
    long at = 0;
    while (at < size) {
      long word = word((offset + at) >>> 3);
      int skip = (int) (offset + at) & 7;
      if (skip == 0 && size - at >= 8) {
        target.set(WORD, at, word);
        at += 8;
      } else {
        target.set(JAVA_BYTE, at++, (byte) (word >>> (skip << 3)));
      }
    }
  }

  private long word(long index) {
    long z = seed + index * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    return z ^ (z >>> 27);
  }

  /** Fails unless these are the bytes at that offset; {@code scratch} is as large at least. */
  public void verify(MemorySegment received, long offset, MemorySegment scratch) {
    MemorySegment expected = scratch.asSlice(0, received.byteSize());
    fill(expected, offset);
    long difference = received.mismatch(expected);
    if (difference >= 0) {
      throw new AssertionError(
          "wrong bytes at offset " + (offset + difference) + origin(received, difference, offset));
    }
  }

  /** Where the wrong bytes belong, for the message of a failure. */
  private String origin(MemorySegment received, long difference, long offset) {
    if (received.byteSize() - difference < SAMPLE) {
      return "";
    }
    byte[] sample = received.asSlice(difference, SAMPLE).toArray(JAVA_BYTE);
    long from = Math.max(0, offset + difference - NEIGHBOURHOOD);
    byte[] near = bytes(from, (int) (2 * NEIGHBOURHOOD));
    for (int i = 0; i + SAMPLE <= near.length; i++) {
      if (Arrays.equals(near, i, i + SAMPLE, sample, 0, SAMPLE)) {
        return ": they belong at " + (from + i);
      }
    }
    return ": they are not of this direction";
  }
}
