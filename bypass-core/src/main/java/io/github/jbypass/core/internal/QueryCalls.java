// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** One use of BPF_PROG_QUERY. Not thread-safe. */
public final class QueryCalls implements AutoCloseable {
  private static final int EFFECTIVE = 1;
  private static final int TCX_INGRESS = 46;
  private static final int TCX_EGRESS = 47;
  private static final int INITIAL_CAPACITY = 64; // the most that one group or device can have

  /** Offsets in the {@code query} part of {@code union bpf_attr}. */
  private static final int ATTACH_TYPE = 4;

  private static final int FLAGS = 8;
  private static final int ATTACH_FLAGS = 12;
  private static final int PROGRAMS = 16;
  private static final int COUNT = 24;
  private static final int LINKS = 40;

  private final Arena arena = Arena.ofConfined();
  private MemorySegment programs = MemorySegment.NULL;
  private MemorySegment links = MemorySegment.NULL;
  private int count;
  private int flags;

  /**
   * Asks; returns a negative error number on failure.
   *
   * @param target a descriptor, or the number of a network device in the thread's namespace
   * @param effective whether to tell of all that run there, not only of those attached there
   */
  public int run(int target, int attachType, boolean effective) {
    int result = run(target, attachType, effective, INITIAL_CAPACITY);
    for (int i = 1; result == -Errno.ENOSPC && i < Byte.SIZE; i++) {
      result = run(target, attachType, effective, INITIAL_CAPACITY << i);
    }
    return result;
  }

  private int run(int target, int attachType, boolean effective, int capacity) {
    programs = arena.allocate(JAVA_INT, capacity);
    links = arena.allocate(JAVA_INT, capacity);
    var attributes = BpfSyscall.attributes(arena);
    attributes.set(JAVA_INT, 0, target);
    attributes.set(JAVA_INT, ATTACH_TYPE, attachType);
    attributes.set(JAVA_INT, FLAGS, effective ? EFFECTIVE : 0);
    attributes.set(JAVA_LONG, PROGRAMS, programs.address());
    attributes.set(JAVA_INT, COUNT, capacity);
    if (attachType == TCX_INGRESS || attachType == TCX_EGRESS) { // others refuse the question
      attributes.set(JAVA_LONG, LINKS, links.address());
    }
    int result = BpfSyscall.call(BpfSyscall.PROG_QUERY, attributes, arena);
    count = result < 0 ? 0 : attributes.get(JAVA_INT, COUNT);
    flags = attributes.get(JAVA_INT, ATTACH_FLAGS);
    return result;
  }

  public int count() {
    return count;
  }

  /** The flags that the programs of a control group were attached with. */
  public int flags() {
    return flags;
  }

  public int program(int index) {
    return programs.getAtIndex(JAVA_INT, index);
  }

  /** The link that holds a program there, or 0. */
  public int link(int index) {
    return links.getAtIndex(JAVA_INT, index);
  }

  @Override
  public void close() {
    arena.close();
  }
}
