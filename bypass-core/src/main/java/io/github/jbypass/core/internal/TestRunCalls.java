// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** One use of BPF_PROG_TEST_RUN. Not thread-safe. */
public final class TestRunCalls implements AutoCloseable {
  private static final int GROWTH = 64 * 1024; // the largest packet: a program may make it longer
  private static final int CONTEXT_GROWTH = 512; // contexts are structs of at most 200 bytes

  /** Offsets in the {@code test} part of {@code union bpf_attr}. */
  private static final int RESULT = 4;

  private static final int DATA_SIZE_IN = 8;
  private static final int DATA_SIZE_OUT = 12;
  private static final int DATA_IN = 16;
  private static final int DATA_OUT = 24;
  private static final int REPEAT = 32;
  private static final int DURATION = 36;
  private static final int CONTEXT_SIZE_IN = 40;
  private static final int CONTEXT_SIZE_OUT = 44;
  private static final int CONTEXT_IN = 48;
  private static final int CONTEXT_OUT = 56;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment attributes = BpfSyscall.attributes(arena);
  private MemorySegment data = MemorySegment.NULL;
  private MemorySegment context = MemorySegment.NULL;

  /** Gives the program a packet, and room for what it makes of it. */
  public void data(byte[] packet) {
    data = arena.allocate((long) packet.length + GROWTH);
    pass(packet, DATA_IN, DATA_SIZE_IN);
    attributes.set(JAVA_LONG, DATA_OUT, data.address());
    attributes.set(JAVA_INT, DATA_SIZE_OUT, (int) data.byteSize());
  }

  /** Gives the program a context that it can't change. */
  public void contextIn(byte[] struct) {
    pass(struct, CONTEXT_IN, CONTEXT_SIZE_IN);
  }

  /** Gives the program a context, and room for what it makes of it. */
  public void context(byte[] struct) {
    contextIn(struct);
    context = arena.allocate((long) struct.length + CONTEXT_GROWTH);
    attributes.set(JAVA_LONG, CONTEXT_OUT, context.address());
    attributes.set(JAVA_INT, CONTEXT_SIZE_OUT, (int) context.byteSize());
  }

  /** Gives the program a context that the kernel changes in place. */
  public void contextInPlace(byte[] struct) {
    context = pass(struct, CONTEXT_IN, CONTEXT_SIZE_IN);
    attributes.set(JAVA_INT, CONTEXT_SIZE_OUT, 0);
  }

  public void repeat(int times) {
    attributes.set(JAVA_INT, REPEAT, times);
  }

  private MemorySegment pass(byte[] bytes, int pointer, int size) {
    var memory = arena.allocate(bytes.length, Long.BYTES);
    MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, 0, bytes.length);
    attributes.set(JAVA_LONG, pointer, memory.address());
    attributes.set(JAVA_INT, size, bytes.length);
    return memory;
  }

  /** Runs a program; returns a negative error number on failure. */
  public int run(int program) {
    attributes.set(JAVA_INT, 0, program);
    return BpfSyscall.call(BpfSyscall.PROG_TEST_RUN, attributes, arena);
  }

  public int result() {
    return attributes.get(JAVA_INT, RESULT);
  }

  public int nanoseconds() {
    return attributes.get(JAVA_INT, DURATION);
  }

  public byte[] dataOut() {
    return out(data, attributes.get(JAVA_INT, DATA_SIZE_OUT));
  }

  public byte[] contextOut() {
    int size = attributes.get(JAVA_INT, CONTEXT_SIZE_OUT);
    return out(context, size == 0 ? (int) context.byteSize() : size);
  }

  private static byte[] out(MemorySegment memory, int size) {
    return memory.asSlice(0, Math.min(size, memory.byteSize())).toArray(JAVA_BYTE);
  }

  @Override
  public void close() {
    arena.close();
  }
}
