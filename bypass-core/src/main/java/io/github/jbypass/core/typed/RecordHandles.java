// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import static java.lang.invoke.MethodType.methodType;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

/**
 * A record's translation, put together once from handles on primitive types: numbers are not boxed
 * on their way.
 */
final class RecordHandles {
  private static final MethodType READER =
      methodType(Object.class, MemorySegment.class, long.class);
  private static final MethodType WRITER =
      methodType(void.class, Object.class, MemorySegment.class, long.class);

  private static final MethodHandle READ = find("read", Object.class, Codec.class);
  private static final MethodHandle BITS = find("bits", long.class, ElementCodecs.Numeral.class);
  private static final MethodHandle TRUTH =
      find("truth", boolean.class, ElementCodecs.Numeral.class);
  private static final MethodHandle WRITE = find("write", void.class, Codec.class, Object.class);
  private static final MethodHandle WRITE_BITS =
      find("writeBits", void.class, ElementCodecs.Numeral.class, long.class);
  private static final MethodHandle CLEAR = find("clear", void.class, int.class);

  private RecordHandles() {}

  private static MethodHandle find(String name, Class<?> result, Class<?>... first) {
    var type =
        methodType(result, first).appendParameterTypes(MemorySegment.class, long.class, int.class);
    try {
      return MethodHandles.lookup().findStatic(RecordHandles.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** Reads all members at an offset and hands them to the constructor. */
  static MethodHandle reader(MethodHandle constructor, List<RecordCodec.Field> fields) {
    int last = fields.size();
    if (last < constructor.type().parameterCount()) {
      return MethodHandles.empty(READER); // the struct differs: nobody gets to see the codec
    }
    var reader =
        MethodHandles.dropArguments(
            constructor.asFixedArity(), last, MemorySegment.class, long.class);
    for (int i = last - 1; i >= 0; i--) {
      reader = MethodHandles.foldArguments(reader, i, reader(fields.get(i)));
    }
    return reader.asType(READER);
  }

  private static MethodHandle reader(RecordCodec.Field field) {
    var type = field.accessor().type().returnType();
    if (!(field.codec() instanceof ElementCodecs.Numeral)) {
      return at(READ, field).asType(methodType(type, MemorySegment.class, long.class));
    }
    return type == boolean.class
        ? at(TRUTH, field)
        : MethodHandles.explicitCastArguments(
            at(BITS, field), methodType(type, MemorySegment.class, long.class));
  }

  /** Writes a record's members at an offset, and zeros between them. */
  static MethodHandle writer(Class<?> type, int size, List<RecordCodec.Field> fields) {
    var writer = MethodHandles.empty(methodType(void.class, type, MemorySegment.class, long.class));
    for (var field : fields.reversed()) {
      writer = MethodHandles.foldArguments(writer, writer(field));
    }
    var clear = MethodHandles.insertArguments(CLEAR, 3, 0);
    clear = MethodHandles.insertArguments(clear, 0, size);
    return MethodHandles.foldArguments(writer, MethodHandles.dropArguments(clear, 0, type))
        .asType(WRITER);
  }

  private static MethodHandle writer(RecordCodec.Field field) {
    var type = field.accessor().type().returnType();
    var writer =
        field.codec() instanceof ElementCodecs.Numeral
            ? MethodHandles.explicitCastArguments(
                at(WRITE_BITS, field),
                methodType(void.class, type, MemorySegment.class, long.class))
            : at(WRITE, field)
                .asType(methodType(void.class, type, MemorySegment.class, long.class));
    return MethodHandles.filterArguments(writer, 0, field.accessor());
  }

  /** One of the functions below, for a member. */
  private static MethodHandle at(MethodHandle function, RecordCodec.Field field) {
    var withOffset =
        MethodHandles.insertArguments(
            function, function.type().parameterCount() - 1, field.offset());
    return MethodHandles.insertArguments(withOffset, 0, field.codec());
  }

  private static Object read(Codec<Object> codec, MemorySegment memory, long base, int offset) {
    return codec.read(memory, base + offset);
  }

  private static long bits(
      ElementCodecs.Numeral codec, MemorySegment memory, long base, int offset) {
    return codec.bits(memory, base + offset);
  }

  private static boolean truth(
      ElementCodecs.Numeral codec, MemorySegment memory, long base, int offset) {
    return codec.bits(memory, base + offset) != 0;
  }

  private static void write(
      Codec<Object> codec, Object value, MemorySegment memory, long base, int offset) {
    codec.write(value, memory, base + offset);
  }

  private static void writeBits(
      ElementCodecs.Numeral codec, long bits, MemorySegment memory, long base, int offset) {
    codec.writeBits(bits, memory, base + offset);
  }

  private static void clear(int size, MemorySegment memory, long base, int offset) {
    memory.asSlice(base + offset, size).fill((byte) 0);
  }
}
