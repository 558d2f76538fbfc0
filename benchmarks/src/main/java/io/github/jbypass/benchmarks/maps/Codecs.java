// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.typed.RecordCodec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A thousand structs of 24 bytes, numbered, and what is needed to translate them. */
@State(Scope.Thread)
public abstract class Codecs {
  static final int SAMPLES = 1024;
  static final int ROUNDS = 16;
  static final int OPERATIONS = SAMPLES * ROUNDS;
  static final int SIZE = 24;

  static final ValueLayout.OfInt NETWORK_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  /** Offsets in {@code struct sample}. */
  static final int ADDRESS = 8;

  static final int PORT = 12;
  static final int FLAGS = 14;
  static final int BYTES = 16;

  Sample sample;
  RecordCodec<Sample> codec;
  MemorySegment structs;
  private Arena arena;

  /** Matches the record with the struct. */
  @Setup
  public void open() {
    sample = new Sample(1000, 0x0a00_0001, (char) 443, (char) 3, 123_456_789);
    try (var object = BpfObjectSpec.open("records", RingConsume.object())) {
      codec = RecordCodec.of(MethodHandles.lookup(), Sample.class, object.btf().struct("sample"));
    }
    Expect.that(codec.size(), SIZE, "size of struct sample");
    arena = Arena.ofConfined();
    structs = arena.allocate((long) SAMPLES * SIZE, Long.BYTES);
    CLoops.encode(structs, sample, SAMPLES, 1);
  }

  /** Frees the memory. */
  @TearDown
  public void close() {
    arena.close();
  }

  static long offset(int operation) {
    return (operation & SAMPLES - 1) * (long) SIZE;
  }

  /** What the structs add up to if they are numbered from this one on. */
  static long sumFrom(Sample first) {
    return SAMPLES * first.sum() + SAMPLES * (SAMPLES - 1L) / 2;
  }
}
