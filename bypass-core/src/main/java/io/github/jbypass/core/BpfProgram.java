// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.internal.BpfCalls;
import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.LibBpf;
import io.github.jbypass.core.internal.Lifetime;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A program of a loaded object. Thread-safe. After the object is closed, and on a program that was
 * told not to be loaded, every operation but the name throws {@link IllegalStateException}.
 */
public final class BpfProgram {
  /** Offsets in the kernel's {@code struct bpf_prog_info}. */
  private static final int INFO_SIZE = 208;

  private static final int INFO_ID = 4;
  private static final int INFO_RUN_TIME = 192;
  private static final int INFO_RUN_COUNT = 200;

  private final String name;
  private final Lifetime owner;
  private final int fd;
  private final ProgramType type;
  private final int attachType;

  BpfProgram(String name, Lifetime owner, MemorySegment pointer) {
    this.name = name;
    this.owner = owner;
    this.fd = LibBpf.programFd(pointer);
    this.type = ProgramType.of(LibBpf.programType(pointer));
    this.attachType = LibBpf.programAttachType(pointer);
  }

  /** The program's name: its function's in C. */
  public String name() {
    return name;
  }

  /** The number that the kernel gave the program; bpftool shows the same. */
  public int id() {
    acquire();
    try (var arena = Arena.ofConfined()) {
      return info(arena).get(JAVA_INT, INFO_ID);
    } finally {
      owner.release();
    }
  }

  /**
   * Attaches the program to a control group: it runs for the sockets of its processes and of those
   * in groups below. Other programs attached there run too. Kernel 5.7.
   *
   * @param cgroup the group
   * @return the attachment, which ends when it is closed
   * @throws IllegalArgumentException if it is not a program for control groups
   */
  public BpfLink attach(Cgroup cgroup) {
    requireType(type.attachesToCgroup(), "control group");
    acquire();
    try (var target = cgroup.open()) {
      var description = this + " to cgroup " + cgroup.path();
      int link = BpfCalls.link(fd, target.number(), attachType);
      return new KernelLink(Failure.check("attach", description, link), description);
    } finally {
      owner.release();
    }
  }

  /**
   * Attaches an sk_msg or sk_skb program to a socket map: it runs for the sockets that are put into
   * the map from now on. Kernel 4.17; before 6.10 it replaces a program of the same kind silently.
   *
   * @param socketMap a SOCKMAP or SOCKHASH
   * @return the attachment, which ends when it is closed
   * @throws IllegalArgumentException if it is not a program for socket maps, or not a socket map
   */
  public BpfLink attach(BpfMap socketMap) {
    requireType(type.attachesToSocketMap(), "socket map");
    if (!socketMap.type().holdsSockets()) {
      throw new IllegalArgumentException(
          socketMap + " is a " + socketMap.type() + ": programs attach to SOCKMAP and SOCKHASH");
    }
    acquire();
    try {
      socketMap.owner().acquire();
      try {
        return attachToMap(socketMap);
      } finally {
        socketMap.owner().release();
      }
    } finally {
      owner.release();
    }
  }

  private BpfLink attachToMap(BpfMap map) {
    var description = this + " to " + map;
    int link = BpfCalls.link(fd, map.fd(), attachType);
    if (link == -Errno.EINVAL) { // what kernels without links for socket maps say
      return DirectAttachment.create(fd, map.fd(), attachType, description);
    }
    return new KernelLink(Failure.check("attach", description, link), description);
  }

  /** As {@link #attach(BpfMap)} does on kernels that have no links for socket maps. */
  BpfLink attachDirectly(BpfMap map) {
    return DirectAttachment.create(fd, map.fd(), attachType, this + " to " + map);
  }

  /** What the program cost until now. Counts only while {@link KernelStatistics} are enabled. */
  public ProgramStatistics statistics() {
    acquire();
    try (var arena = Arena.ofConfined()) {
      var info = info(arena);
      return new ProgramStatistics(
          info.get(JAVA_LONG, INFO_RUN_COUNT), info.get(JAVA_LONG, INFO_RUN_TIME));
    } finally {
      owner.release();
    }
  }

  @Override
  public String toString() {
    return "program " + name;
  }

  private MemorySegment info(Arena arena) {
    var info = arena.allocate(INFO_SIZE, Long.BYTES);
    var length = arena.allocateFrom(JAVA_INT, INFO_SIZE);
    Failure.check("inspect", toString(), BpfCalls.info(fd, info, length));
    return info;
  }

  private void acquire() {
    if (fd < 0) {
      throw new IllegalStateException(this + " was not loaded");
    }
    owner.acquire();
  }

  private void requireType(boolean suitable, String target) {
    if (!suitable) {
      throw new IllegalArgumentException(
          "%s is of type %s, which can't be attached to a %s".formatted(this, type, target));
    }
  }
}
