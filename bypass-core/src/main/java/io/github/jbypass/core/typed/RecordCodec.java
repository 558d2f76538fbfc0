// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import io.github.jbypass.core.Btf;
import io.github.jbypass.core.LayoutMismatchException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.List;

/**
 * Translates a record to and from a C struct, member by member, where the object's BTF says that
 * they lie. Components are found by name: {@code remotePort} is the member {@code remotePort} or
 * {@code remote_port}, members of anonymous inner structs and unions included.
 *
 * {@snippet :
 * var codec =
 *     RecordCodec.of(MethodHandles.lookup(), Endpoint.class, object.btf().struct("endpoint"));
 * }
 *
 * <table>
 * <caption>What a component may be</caption>
 * <tr><th>in C</th><th>in Java</th></tr>
 * <tr><td>{@code __s8 … __s64}</td><td>{@code byte … long} of the same or a greater size</td></tr>
 * <tr><td>{@code __u8 … __u64}, enums, pointers</td><td>a greater type, from 0 on; or the type of
 * the same size, for the same bits; {@code char} for {@code __u16}</td></tr>
 * <tr><td>{@code _Bool}, {@code __u8}</td><td>{@code boolean}</td></tr>
 * <tr><td>{@code __be16 … __be64}</td><td>the same with {@link BigEndian}</td></tr>
 * <tr><td>an array of these</td><td>an array of exactly their size; length checked when
 * written</td></tr>
 * <tr><td>a struct</td><td>a record</td></tr>
 * <tr><td>an array of structs</td><td>an array of a record</td></tr>
 * </table>
 *
 * <p>Every member has to have a component, except padding: members whose names begin with {@code _}
 * or {@code pad}, and those of a union that share the bytes of one that has a component. What has
 * none is written as zeros. Bit fields and floating-point numbers can't be translated.
 *
 * <p>Immutable, thread-safe. Numbers are not boxed: to write a record of numbers allocates nothing,
 * to read it the record alone.
 *
 * @param <R> the record
 */
public final class RecordCodec<R extends Record> implements Codec<R> {
  /** One component: how to get it, and what it is in C. */
  record Field(MethodHandle accessor, Codec<Object> codec, int offset) {}

  private final Class<R> type;
  private final int size;
  private final MethodHandle reader;
  private final MethodHandle writer;

  RecordCodec(Class<R> type, int size, MethodHandle constructor, List<Field> fields) {
    this.type = type;
    this.size = size;
    this.reader = RecordHandles.reader(constructor, fields);
    this.writer = RecordHandles.writer(type, size, fields);
  }

  /**
   * {@return a codec for a struct}
   *
   * @param <R> the record
   * @param lookup {@link MethodHandles#lookup()} of a class that may use the record
   * @param type the record
   * @param struct the struct's layout, from {@link Btf#struct}
   * @throws LayoutMismatchException that lists every difference
   * @throws IllegalArgumentException if the lookup may not use the record
   */
  public static <R extends Record> RecordCodec<R> of(
      MethodHandles.Lookup lookup, Class<R> type, Btf.Struct struct) {
    var matching = new RecordMatching(lookup);
    var codec = matching.match(type, struct, "");
    if (!matching.differences().isEmpty()) {
      throw new LayoutMismatchException("struct " + struct.name(), matching.differences());
    }
    return codec;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public R read(MemorySegment memory, long offset) {
    try {
      return type.cast((Object) reader.invokeExact(memory, offset));
    } catch (Throwable t) {
      throw thrown(t);
    }
  }

  @Override
  public void write(R value, MemorySegment memory, long offset) {
    try {
      writer.invokeExact((Object) value, memory, offset);
    } catch (Throwable t) {
      throw thrown(t);
    }
  }

  /** Constructors and accessors of records may throw, but nothing checked. */
  private static RuntimeException thrown(Throwable t) {
    if (t instanceof Error e) {
      throw e;
    }
    return t instanceof RuntimeException e ? e : new IllegalStateException(t);
  }
}
