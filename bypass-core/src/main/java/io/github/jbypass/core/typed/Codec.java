// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Translates between Java values and the bytes of a C type. Numbers are in the host's byte order
 * unless a codec says otherwise. Implementations are thread-safe.
 *
 * @param <T> the Java type
 */
public interface Codec<T> {
  /** {@return how many bytes the C type has} */
  int size();

  /**
   * Reads a value that begins at an offset, which need not be aligned.
   *
   * @param memory where to read
   * @param offset where its first byte lies
   * @return the value
   */
  T read(MemorySegment memory, long offset);

  /**
   * Writes all {@link #size} bytes of a value, padding as zeros: keys are compared byte by byte.
   *
   * @param value the value
   * @param memory where to write
   * @param offset where its first byte goes, which need not be aligned
   * @throws IllegalArgumentException if the C type can't hold the value
   */
  void write(T value, MemorySegment memory, long offset);

  /** A number of four bytes; of unsigned ones, the bits. */
  Codec<Integer> INT =
      new Codec<>() {
        @Override
        public int size() {
          return Integer.BYTES;
        }

        @Override
        public Integer read(MemorySegment memory, long offset) {
          return memory.get(JAVA_INT_UNALIGNED, offset);
        }

        @Override
        public void write(Integer value, MemorySegment memory, long offset) {
          memory.set(JAVA_INT_UNALIGNED, offset, value);
        }
      };

  /** A number of eight bytes; of unsigned ones, the bits. */
  Codec<Long> LONG =
      new Codec<>() {
        @Override
        public int size() {
          return Long.BYTES;
        }

        @Override
        public Long read(MemorySegment memory, long offset) {
          return memory.get(JAVA_LONG_UNALIGNED, offset);
        }

        @Override
        public void write(Long value, MemorySegment memory, long offset) {
          memory.set(JAVA_LONG_UNALIGNED, offset, value);
        }
      };

  /**
   * {@return bytes as they are}
   *
   * @param size how many
   */
  static Codec<byte[]> bytes(int size) {
    return new Codec<>() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public byte[] read(MemorySegment memory, long offset) {
        return memory.asSlice(offset, size).toArray(JAVA_BYTE);
      }

      @Override
      public void write(byte[] value, MemorySegment memory, long offset) {
        if (value.length != size) {
          throw new IllegalArgumentException(value.length + " bytes, not " + size);
        }
        MemorySegment.copy(value, 0, memory, JAVA_BYTE, offset, size);
      }
    };
  }
}
