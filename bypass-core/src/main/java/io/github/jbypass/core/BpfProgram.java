// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.LibBpf;
import io.github.jbypass.core.internal.LibC;
import io.github.jbypass.core.internal.LinkCalls;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/**
 * A loaded program. Thread-safe. One of a {@link BpfObject} is closed with it; one that was opened
 * by its number or from a pin is the caller's to close.
 *
 * <p>After {@link #close}, and on a program of an object that was told not to be loaded, every
 * operation but name and type throws {@link IllegalStateException}.
 */
public final class BpfProgram implements AutoCloseable {
  private final String name;
  private final @Nullable Fd fd;
  private final ProgramType type;
  private final AttachType attachType;

  /** A program of a loaded object, with a descriptor of its own. */
  BpfProgram(String name, MemorySegment pointer) {
    int number = LibBpf.programFd(pointer);
    this.name = name;
    this.type = ProgramType.of(LibBpf.programType(pointer));
    this.attachType = AttachType.of(LibBpf.programAttachType(pointer));
    this.fd = number < 0 ? null : new Fd(duplicate(number, toString()), toString());
  }

  private BpfProgram(Fd fd, ProgramInfo info) {
    this.name = info.name();
    this.fd = fd;
    this.type = info.type();
    this.attachType = type.onlyAttachType();
  }

  /**
   * Opens a program that is loaded, by whomever.
   *
   * @param id its number, as {@link #id} and bpftool show it
   * @return a handle to close
   * @throws BpfException (ENOENT) if there is none
   * @throws PrivilegeException without CAP_SYS_ADMIN
   */
  public static BpfProgram openById(int id) {
    var description = "program " + id;
    Failure.requireLibbpf("open", description);
    int number = LinkCalls.openProgram(id);
    if (number == -Errno.EPERM) {
      throw Refusal.exception(
          "open", description, Errno.EPERM, EnumSet.of(Capability.CAP_SYS_ADMIN));
    }
    return of(new Fd(Failure.check("open", description, number), description));
  }

  /**
   * Opens a program that is pinned.
   *
   * @param pin its file in a bpf file system
   * @return a handle to close
   * @throws PinException if there is none, it is something else, or it is another user's
   */
  public static BpfProgram openPin(Path pin) {
    return of(Pins.open(pin, Pins.Kind.PROGRAM));
  }

  /** Takes a descriptor over, also when it fails. */
  private static BpfProgram of(Fd fd) {
    try {
      return new BpfProgram(fd, ProgramInfo.of(fd, "program"));
    } catch (Throwable t) {
      fd.close();
      throw t;
    }
  }

  /** {@return the program's name: its function's in C; cut to 15 bytes if it was opened} */
  public String name() {
    return name;
  }

  /** {@return the program's type} */
  public ProgramType type() {
    return type;
  }

  /** Where it is to be attached; OTHER if it was opened and can be attached in several places. */
  AttachType attachType() {
    return attachType;
  }

  /** {@return the number that the kernel gave the program; bpftool shows the same} */
  public int id() {
    return fd().use(number -> Pins.id(number, toString()));
  }

  /** {@return what the kernel tells of the program} */
  public ProgramInfo info() {
    return ProgramInfo.of(fd(), toString());
  }

  /**
   * {@return what the program cost until now} Counts only while {@link KernelStatistics} are
   * enabled.
   */
  public ProgramStatistics statistics() {
    return ProgramInfo.statistics(fd(), toString());
  }

  /**
   * Attaches the program to a control group, after the others that are attached there, which run
   * too: it runs for the sockets of the group's processes and of those in groups below. Kernel 5.7.
   *
   * @param cgroup the group
   * @return the attachment, which ends when it is closed
   * @throws IllegalArgumentException if it is not a program for control groups
   */
  public KernelLink attach(Cgroup cgroup) {
    return attach(cgroup, AttachOrder.last());
  }

  /**
   * As {@link #attach(Cgroup)}, at a chosen place among the others.
   *
   * @param cgroup the group
   * @param order where; what it needs of the kernel is said there
   * @return the attachment, which ends when it is closed
   * @throws KernelUnsupportedException if the kernel knows no order
   */
  public KernelLink attach(Cgroup cgroup, AttachOrder order) {
    requireType(type.attachesToCgroup(), "control group");
    var description = this + " to cgroup " + cgroup.path();
    try (var target = cgroup.open()) {
      int link = createLink(target.number(), attachTypeNumber(), order);
      if (link < 0 && order == AttachOrder.last()) {
        throw AttachFailure.toCgroup(description, cgroup, attachType, -link);
      }
      return new KernelLink(
          order.check(description, link, () -> KernelFeatures.ability(KernelAbility.CGROUP_ORDER)),
          description);
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
    socketMap.owner().acquire();
    try {
      var description = this + " to " + socketMap;
      int link = createLink(socketMap.fd(), attachTypeNumber(), AttachOrder.last());
      if (link == -Errno.EINVAL) { // what kernels without links for socket maps say
        return attachDirectly(socketMap);
      }
      return new KernelLink(Failure.check("attach", description, link), description);
    } finally {
      socketMap.owner().release();
    }
  }

  /** As {@link #attach(BpfMap)} does on kernels that have no links for socket maps. */
  BpfLink attachDirectly(BpfMap map) {
    var program = fd();
    map.owner().acquire();
    program.acquire();
    try {
      return DirectAttachment.create(
          program.number(), map.fd(), attachTypeNumber(), this + " to " + map);
    } finally {
      program.release();
      map.owner().release();
    }
  }

  /**
   * Attaches a tc program to a network device: by a tcx link (kernel 6.6), after the others that
   * are; else by a {@link TcFilter} before all others. The link ends with the process at the
   * latest; the filter would be left behind by a process that is killed.
   *
   * @param device where
   * @param direction which packets
   * @return the attachment, which ends when it is closed
   * @throws IllegalArgumentException if it is not a tc program (SCHED_CLS)
   * @throws PrivilegeException without CAP_NET_ADMIN, or in another namespace CAP_SYS_ADMIN
   */
  public BpfLink attach(NetworkDevice device, TcDirection direction) {
    requireType(ProgramType.SCHED_CLS, "network device");
    int link = createLink(device, direction, AttachOrder.last());
    if (link == -Errno.EINVAL) { // what kernels without tcx say
      return TcFilter.create(this, device, direction);
    }
    return tcxLink(device, AttachOrder.last(), link);
  }

  /**
   * As {@link #attach(NetworkDevice, TcDirection)}, at a chosen place among the others. Kernel 6.6.
   *
   * @param device where
   * @param direction which packets
   * @param order where among the other links
   * @return the attachment, which ends when it is closed
   * @throws KernelUnsupportedException if the kernel has no tcx links
   */
  public KernelLink attach(NetworkDevice device, TcDirection direction, AttachOrder order) {
    requireType(ProgramType.SCHED_CLS, "network device");
    return tcxLink(device, order, createLink(device, direction, order));
  }

  private int createLink(NetworkDevice device, TcDirection direction, AttachOrder order) {
    var where = AttachType.of(direction);
    return device.namespace().run(() -> createLink(device.index(), where.number(), order));
  }

  private KernelLink tcxLink(NetworkDevice device, AttachOrder order, int link) {
    var description = this + " to " + device;
    if (link == -Errno.ENODEV) {
      throw new BpfException("attach", description, Errno.ENODEV, "the device is gone");
    }
    return new KernelLink(
        order.check(description, link, () -> KernelFeatures.attachType(AttachType.TCX_INGRESS)),
        description);
  }

  /** As {@link #attach(NetworkDevice, TcDirection)} does on kernels that have no tcx links. */
  BpfLink attachAsFilter(NetworkDevice device, TcDirection direction) {
    return TcFilter.create(this, device, direction);
  }

  /**
   * Attaches a tc program to a network device until it is detached, beyond the end of this process.
   * A later process finds it with {@link TcFilter#find}. Kernel 4.5.
   *
   * @param device where
   * @param direction which packets
   * @param name what to call it, up to 255 bytes; need not be unique
   * @param priority from 1 to 65535: where it runs among the filters, lower ones first
   * @return the attachment, which outlives its closing
   * @throws AlreadyExistsException if there is such a filter at that priority; nothing is replaced
   * @throws IllegalArgumentException if it is not a tc program (SCHED_CLS)
   * @throws PrivilegeException without CAP_NET_ADMIN, or in another namespace CAP_SYS_ADMIN
   */
  public TcFilter attachPersistent(
      NetworkDevice device, TcDirection direction, String name, int priority) {
    requireType(ProgramType.SCHED_CLS, "network device");
    return TcFilter.createPersistent(this, device, direction, name, priority);
  }

  /**
   * Runs an iterator program over what it iterates, such as all sockets of the host. Kernel 5.8.
   *
   * @return what it writes, while it is read; to be closed, read to its end or not
   * @throws IllegalArgumentException if it is not an iterator (SEC("iter/..."))
   */
  public InputStream iterate() {
    return IteratorStream.open(this, toString(), -1);
  }

  /**
   * Runs an iterator program over the entries of a map. Kernel 5.9 for hashes, arrays and socket
   * storage, 5.10 for socket maps. The stream keeps the map alive.
   *
   * @param map one of the types that the program is for
   * @return what it writes, while it is read; to be closed, read to its end or not
   * @throws IllegalArgumentException if it is not an iterator (SEC("iter/..."))
   */
  public InputStream iterate(BpfMap map) {
    map.owner().acquire();
    try {
      return IteratorStream.open(this, this + " over " + map, map.fd());
    } finally {
      map.owner().release();
    }
  }

  /**
   * Runs a program once on a packet. Kernel 4.12 for packets, later for other types.
   *
   * @param data the packet, from its Ethernet header on; for types without packets empty
   * @return what came of it
   * @throws UnsupportedByTypeException if programs of the type can't be run
   */
  public TestRun testRun(byte[] data) {
    return testRun(data, new byte[0], 1);
  }

  /**
   * Runs a program on a packet and in a context, as if something had happened that it is attached
   * to. Side effects on maps are real.
   *
   * @param data the packet, from its Ethernet header on; for types without packets empty
   * @param context the C struct that the program gets, such as {@code __sk_buff}; empty for the
   *     kernel's own choice
   * @param repeat how often
   * @return what came of it
   * @throws UnsupportedByTypeException if programs of the type can't be run
   */
  public TestRun testRun(byte[] data, byte[] context, int repeat) {
    return TestRun.of(this, data, context, repeat);
  }

  /**
   * Keeps the program loaded when it is closed and when the process ends, until it is unpinned.
   *
   * @param file one that does not exist yet, in a bpf file system
   * @throws AlreadyExistsException if it exists
   * @throws PinException if it does not lie in a bpf file system
   */
  public void pin(Path file) {
    var program = fd();
    program.acquire();
    try {
      Pins.create(program.number(), file, toString());
    } finally {
      program.release();
    }
  }

  /**
   * Removes a pin of this program.
   *
   * @param file where it is pinned
   * @throws PinException if something else is pinned there, or it is another user's
   */
  public void unpin(Path file) {
    var program = fd();
    program.acquire();
    try {
      Pins.remove(program.number(), file, Pins.Kind.PROGRAM, toString());
    } finally {
      program.release();
    }
  }

  /** Gives the program up. It stays loaded while it is attached or pinned. Idempotent. */
  @Override
  public void close() {
    if (fd != null) {
      fd.close();
    }
  }

  @Override
  public String toString() {
    return "program " + name;
  }

  /** The descriptor. */
  boolean isLoaded() {
    return fd != null;
  }

  Fd fd() {
    if (fd == null) {
      throw new IllegalStateException(this + " was not loaded");
    }
    return fd;
  }

  /** Another descriptor of the program, the caller's to close. */
  int duplicate() {
    return fd().use(number -> duplicate(number, toString()));
  }

  private static int duplicate(int fd, String description) {
    return Failure.check("duplicate the descriptor of", description, LibC.duplicate(fd));
  }

  private int createLink(int target, int attachType, AttachOrder order) {
    return fd().use(
            program ->
                LinkCalls.create(program, target, attachType, order.flags(), order.relative()));
  }

  private int attachTypeNumber() {
    if (attachType == AttachType.OTHER) {
      throw new IllegalArgumentException(
          this + " was opened, which does not tell where it is to be attached");
    }
    return attachType.number();
  }

  void requireType(ProgramType wanted, String target) {
    requireType(type == wanted, target);
  }

  private void requireType(boolean suitable, String target) {
    if (!suitable) {
      throw new IllegalArgumentException(
          "%s is of type %s, which can't be attached to a %s".formatted(this, type, target));
    }
  }
}
