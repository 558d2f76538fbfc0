// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.github.jbypass.core.Btf;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Array;
import java.nio.ByteOrder;
import java.util.Optional;

/** Codecs of what structs consist of: numbers, nested records, and arrays of these. */
final class ElementCodecs {
  private ElementCodecs() {}

  /** The codec of a record's component, which reflection hands over as an object. */
  static <R extends Record> Codec<Object> erased(RecordCodec<R> codec) {
    return new Erased<>(codec);
  }

  private record Erased<R extends Record>(RecordCodec<R> codec) implements Codec<Object> {
    @Override
    public int size() {
      return codec.size();
    }

    @Override
    public Object read(MemorySegment memory, long offset) {
      return codec.read(memory, offset);
    }

    @Override
    @SuppressWarnings("unchecked") // the component has the type of the codec
    public void write(Object value, MemorySegment memory, long offset) {
      codec.write((R) value, memory, offset);
    }
  }

  static Codec<Object> array(Class<?> type, Codec<Object> element, int length, String name) {
    return new ArrayCodec(type, element, length, name);
  }

  private record ArrayCodec(Class<?> type, Codec<Object> element, int length, String name)
      implements Codec<Object> {
    @Override
    public int size() {
      return length * element.size();
    }

    @Override
    public Object read(MemorySegment memory, long offset) {
      if (type == byte.class) {
        return memory.asSlice(offset, length).toArray(JAVA_BYTE);
      }
      var array = Array.newInstance(type, length);
      for (int i = 0; i < length; i++) {
        Array.set(array, i, element.read(memory, offset + (long) i * element.size()));
      }
      return array;
    }

    @Override
    public void write(Object array, MemorySegment memory, long offset) {
      if (Array.getLength(array) != length) {
        throw new IllegalArgumentException(
            "%s has %d elements, not %d".formatted(name, Array.getLength(array), length));
      }
      for (int i = 0; i < length; i++) {
        element.write(Array.get(array, i), memory, offset + (long) i * element.size());
      }
    }
  }

  /** The codec for a number, if Java's type can hold what C's can. */
  static Optional<Codec<Object>> number(
      Class<?> type, Btf.Element element, boolean bigEndian, String name) {
    boolean signed = element.kind() == Btf.Kind.SIGNED;
    boolean fits =
        switch (element.kind()) {
          case FLOAT, STRUCT -> false;
          case SIGNED, UNSIGNED, BOOL, ENUM, POINTER -> fits(type, element, signed);
        };
    return fits
        ? Optional.of(new Numeral(type, element.size(), signed, isSwapped(bigEndian), name))
        : Optional.empty();
  }

  private static boolean fits(Class<?> type, Btf.Element element, boolean signed) {
    int size = size(type);
    if (type == boolean.class) {
      return element.size() == size && !signed;
    }
    if (type == char.class) {
      return element.size() == size && !signed;
    }
    return element.isArray() ? element.size() == size : element.size() <= size;
  }

  /** Size of a primitive type of Java that can stand for an integer, else 0. */
  private static int size(Class<?> type) {
    return switch (type.getName()) {
      case "boolean", "byte" -> Byte.BYTES;
      case "char", "short" -> Short.BYTES;
      case "int" -> Integer.BYTES;
      case "long" -> Long.BYTES;
      default -> 0;
    };
  }

  private static boolean isSwapped(boolean bigEndian) {
    return bigEndian && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
  }

  /** A number; those that a record has directly are never boxed. */
  record Numeral(Class<?> type, int size, boolean signed, boolean swapped, String name)
      implements Codec<Object> {
    @Override
    public Object read(MemorySegment memory, long offset) {
      long bits = bits(memory, offset);
      return switch (type.getName()) {
        case "boolean" -> bits != 0;
        case "byte" -> (byte) bits;
        case "char" -> (char) bits;
        case "short" -> (short) bits;
        case "int" -> (int) bits;
        default -> bits;
      };
    }

    /** The number, extended as its sign wants it. */
    long bits(MemorySegment memory, long offset) {
      return switch (size) {
        case Byte.BYTES -> {
          byte number = memory.get(JAVA_BYTE, offset);
          yield signed ? number : Byte.toUnsignedLong(number);
        }
        case Short.BYTES -> {
          short bits = memory.get(JAVA_SHORT_UNALIGNED, offset);
          short number = swapped ? Short.reverseBytes(bits) : bits;
          yield signed ? number : Short.toUnsignedLong(number);
        }
        case Integer.BYTES -> {
          int bits = memory.get(JAVA_INT_UNALIGNED, offset);
          int number = swapped ? Integer.reverseBytes(bits) : bits;
          yield signed ? number : Integer.toUnsignedLong(number);
        }
        default -> {
          long number = memory.get(JAVA_LONG_UNALIGNED, offset);
          yield swapped ? Long.reverseBytes(number) : number;
        }
      };
    }

    @Override
    public void write(Object value, MemorySegment memory, long offset) {
      long bits =
          switch (value) {
            case Boolean truth -> truth ? 1 : 0;
            case Character unit -> unit;
            case Number number -> number.longValue();
            default -> throw new AssertionError(value);
          };
      writeBits(bits, memory, offset);
    }

    /** Writes a number, extended as Java extends it. */
    void writeBits(long bits, MemorySegment memory, long offset) {
      requireFit(bits);
      switch (size) {
        case Byte.BYTES -> memory.set(JAVA_BYTE, offset, (byte) bits);
        case Short.BYTES -> {
          short number = (short) bits;
          memory.set(JAVA_SHORT_UNALIGNED, offset, swapped ? Short.reverseBytes(number) : number);
        }
        case Integer.BYTES -> {
          int number = (int) bits;
          memory.set(JAVA_INT_UNALIGNED, offset, swapped ? Integer.reverseBytes(number) : number);
        }
        default ->
            memory.set(JAVA_LONG_UNALIGNED, offset, swapped ? Long.reverseBytes(bits) : bits);
      }
    }

    /** A Java type of C's size holds bits; a greater one holds numbers, which may be too great. */
    private void requireFit(long number) {
      int width = size * Byte.SIZE;
      if (ElementCodecs.size(type) == size) {
        return;
      }
      boolean fits =
          signed ? number >> width - 1 == 0 || number >> width - 1 == -1 : number >>> width == 0;
      if (!fits) {
        throw new IllegalArgumentException(
            "%s: %d does not fit into %d %s bytes"
                .formatted(name, number, size, signed ? "signed" : "unsigned"));
      }
    }
  }
}
