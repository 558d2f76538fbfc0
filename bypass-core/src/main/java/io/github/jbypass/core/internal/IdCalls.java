// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;

/** Walks over what is loaded in the kernel. Functions return a negative error number on failure. */
public final class IdCalls {
  private static final int PROG_GET_NEXT_ID = 11;
  private static final int MAP_GET_NEXT_ID = 12;
  private static final int BTF_GET_FD_BY_ID = 19;
  private static final int LINK_GET_FD_BY_ID = 30;
  private static final int LINK_GET_NEXT_ID = 31;

  /** Offsets in the kernel's {@code struct bpf_btf_info}. */
  private static final int BTF_INFO_SIZE = 16; // its first members

  private static final int BTF_SIZE = 8;

  private IdCalls() {}

  /** The number of the program that follows; -ENOENT behind the last one. */
  public static int nextProgram(int previous) {
    return next(PROG_GET_NEXT_ID, previous);
  }

  /** The number of the map that follows; -ENOENT behind the last one. */
  public static int nextMap(int previous) {
    return next(MAP_GET_NEXT_ID, previous);
  }

  /** The number of the link that follows; -ENOENT behind the last one. */
  public static int nextLink(int previous) {
    return next(LINK_GET_NEXT_ID, previous);
  }

  private static int next(int command, int previous) {
    try (var arena = Arena.ofConfined()) {
      var attributes = BpfSyscall.attributes(arena);
      attributes.set(JAVA_INT, 0, previous);
      int result = BpfSyscall.call(command, attributes, arena);
      return result < 0 ? result : attributes.get(JAVA_INT, 4);
    }
  }

  /** Opens type information by its number. */
  public static int openBtf(int id) {
    return open(BTF_GET_FD_BY_ID, id);
  }

  /** Opens a link by its number. */
  public static int openLink(int id) {
    return open(LINK_GET_FD_BY_ID, id);
  }

  private static int open(int command, int id) {
    try (var arena = Arena.ofConfined()) {
      var attributes = BpfSyscall.attributes(arena);
      attributes.set(JAVA_INT, 0, id);
      return BpfSyscall.call(command, attributes, arena);
    }
  }

  /** The content of type information; none if the kernel does not give it. */
  public static byte[] btf(int fd) {
    try (var arena = Arena.ofConfined()) {
      var info = arena.allocate(BTF_INFO_SIZE, Long.BYTES);
      if (LinkCalls.info(fd, info) < 0) {
        return new byte[0];
      }
      int size = info.get(JAVA_INT, BTF_SIZE);
      var data = arena.allocate(size, Long.BYTES);
      info.set(JAVA_LONG, 0, data.address());
      info.set(JAVA_INT, BTF_SIZE, size);
      return LinkCalls.info(fd, info) < 0 ? new byte[0] : data.toArray(JAVA_BYTE);
    }
  }
}
