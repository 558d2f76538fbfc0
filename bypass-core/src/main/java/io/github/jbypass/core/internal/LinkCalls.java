// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** bpf(2) on links, pins and what is attached. Functions return a negative error number. */
public final class LinkCalls {
  /** The new program runs before the one that is named, or before all. */
  public static final int BEFORE = 1 << 3;

  /** The new program runs after the one that is named, or after all. */
  public static final int AFTER = 1 << 4;

  /** The one that is named is named by its number. */
  public static final int BY_ID = 1 << 5;

  /** The one that is named is a link. */
  public static final int OF_LINK = 1 << 13;

  private static final int REPLACE_EXPECTED = 1 << 2; // BPF_F_REPLACE

  private LinkCalls() {}

  /**
   * Attaches a program at its place among others.
   *
   * @param target a descriptor, or the number of a network device in the thread's namespace
   * @param flags whether before or after, and what relative is; 0 for last, where that is the rule
   * @param relative the program or link that it goes before or after, or 0
   * @return the descriptor of a link
   */
  public static int create(int program, int target, int attachType, int flags, int relative) {
    try (var arena = Arena.ofConfined()) {
      var attributes = BpfSyscall.attributes(arena);
      attributes.set(JAVA_INT, 0, program);
      attributes.set(JAVA_INT, 4, target);
      attributes.set(JAVA_INT, 8, attachType);
      attributes.set(JAVA_INT, 12, flags);
      attributes.set(JAVA_INT, 16, relative);
      return BpfSyscall.call(BpfSyscall.LINK_CREATE, attributes, arena);
    }
  }

  /** Makes a link of an iterator program over a map, or over what it iterates by itself (-1). */
  public static int createIterator(int program, int map, int attachType) {
    try (var arena = Arena.ofConfined()) {
      var attributes = BpfSyscall.attributes(arena);
      attributes.set(JAVA_INT, 0, program);
      attributes.set(JAVA_INT, 8, attachType);
      if (map >= 0) {
        var info = arena.allocate(16, Long.BYTES); // union bpf_iter_link_info
        info.set(JAVA_INT, 0, map);
        attributes.set(JAVA_LONG, 16, info.address());
        attributes.set(JAVA_INT, 24, (int) info.byteSize());
      }
      return BpfSyscall.call(BpfSyscall.LINK_CREATE, attributes, arena);
    }
  }

  /** A file whose content the iterator program writes while it is read. */
  public static int openIterator(int link) {
    return of(BpfSyscall.ITER_CREATE, link);
  }

  /**
   * Replaces a link's program.
   *
   * @param expected the program that it has to have until now, or -1 for any
   */
  public static int update(int link, int program, int expected) {
    try (var arena = Arena.ofConfined()) {
      var attributes = BpfSyscall.attributes(arena);
      attributes.set(JAVA_INT, 0, link);
      attributes.set(JAVA_INT, 4, program);
      if (expected >= 0) {
        attributes.set(JAVA_INT, 8, REPLACE_EXPECTED);
        attributes.set(JAVA_INT, 12, expected);
      }
      return BpfSyscall.call(BpfSyscall.LINK_UPDATE, attributes, arena);
    }
  }

  /** Detaches a link's program, though the link still has owners. */
  public static int detach(int link) {
    return of(BpfSyscall.LINK_DETACH, link);
  }

  /** Opens a program by the number that the kernel gave it. */
  public static int openProgram(int id) {
    return of(BpfSyscall.PROG_GET_FD_BY_ID, id);
  }

  /** Puts a map, program or link into a bpf file system. */
  public static int pin(int fd, Path path) {
    try (var arena = Arena.ofConfined()) {
      var attributes = BpfSyscall.attributes(arena);
      attributes.set(JAVA_LONG, 0, arena.allocateFrom(path.toString()).address());
      attributes.set(JAVA_INT, 8, fd);
      return BpfSyscall.call(BpfSyscall.OBJ_PIN, attributes, arena);
    }
  }

  /** Opens what is pinned in a bpf file system. */
  public static int openPin(Path path) {
    try (var arena = Arena.ofConfined()) {
      var attributes = BpfSyscall.attributes(arena);
      attributes.set(JAVA_LONG, 0, arena.allocateFrom(path.toString()).address());
      return BpfSyscall.call(BpfSyscall.OBJ_GET, attributes, arena);
    }
  }

  /**
   * Fills a {@code struct bpf_prog_info}, {@code bpf_map_info}, {@code bpf_link_info} or the like.
   */
  public static int info(int fd, MemorySegment info) {
    try (var arena = Arena.ofConfined()) {
      var attributes = BpfSyscall.attributes(arena);
      attributes.set(JAVA_INT, 0, fd);
      attributes.set(JAVA_INT, 4, (int) info.byteSize());
      attributes.set(JAVA_LONG, 8, info.address());
      return BpfSyscall.call(BpfSyscall.OBJ_GET_INFO_BY_FD, attributes, arena);
    }
  }

  private static int of(int command, int object) {
    try (var arena = Arena.ofConfined()) {
      var attributes = BpfSyscall.attributes(arena);
      attributes.set(JAVA_INT, 0, object);
      return BpfSyscall.call(command, attributes, arena);
    }
  }
}
