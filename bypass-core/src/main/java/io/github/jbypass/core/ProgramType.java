// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.EnumSet;
import java.util.Set;

/** The type of a BPF program, named as in the kernel's {@code enum bpf_prog_type}, in its order. */
public enum ProgramType {
  /** For packets that a socket receives (SO_ATTACH_BPF). */
  SOCKET_FILTER("3.19"),
  /** For functions of the kernel or of user programs. */
  KPROBE("4.1"),
  /** For packets of a network device, at traffic control. */
  SCHED_CLS("4.1"),
  /** For packets, as an action of traffic control. */
  SCHED_ACT("4.1"),
  /** For tracepoints. */
  TRACEPOINT("4.7"),
  /** For packets of a network device, before the stack. */
  XDP("4.8"),
  /** For perf events. */
  PERF_EVENT("4.9"),
  /** For packets of a control group. */
  CGROUP_SKB("4.10"),
  /** For the creation, binding and release of sockets. */
  CGROUP_SOCK("4.10"),
  /** For packets of a lightweight tunnel that come in. */
  LWT_IN("4.10"),
  /** For packets of a lightweight tunnel that go out. */
  LWT_OUT("4.10"),
  /** For packets of a lightweight tunnel that are sent. */
  LWT_XMIT("4.10"),
  /** For events in the life of a TCP connection. */
  SOCK_OPS("4.13"),
  /** For data that a socket in a socket map receives. */
  SK_SKB("4.14"),
  /** For access to devices. */
  CGROUP_DEVICE("4.15"),
  /** For messages that a socket in a socket map sends. */
  SK_MSG("4.17"),
  /** For tracepoints, with their bare arguments. */
  RAW_TRACEPOINT("4.17"),
  /** For bind, connect, sendmsg and their relatives. */
  CGROUP_SOCK_ADDR("4.17"),
  /** For packets with segment routing. */
  LWT_SEG6LOCAL("4.18"),
  /** For infrared signals. */
  LIRC_MODE2("4.18"),
  /** For choosing a socket of an SO_REUSEPORT group. */
  SK_REUSEPORT("4.19"),
  /** For taking headers of packets apart. */
  FLOW_DISSECTOR("4.20"),
  /** For access to sysctl. */
  CGROUP_SYSCTL("5.2"),
  /** For tracepoints whose arguments may be changed. */
  RAW_TRACEPOINT_WRITABLE("5.2"),
  /** For getsockopt and setsockopt. */
  CGROUP_SOCKOPT("5.3"),
  /** For functions of the kernel, and for iterators. */
  TRACING("5.5"),
  /** In the place of functions of the kernel. */
  STRUCT_OPS("5.6"),
  /** In the place of a function of another program. */
  EXT("5.6"),
  /** For decisions about security. */
  LSM("5.7"),
  /** For choosing the socket of a connection or datagram that comes in. */
  SK_LOOKUP("5.9"),
  /** For whoever runs it with bpf(2). */
  SYSCALL("5.14"),
  /** For packets, at a hook of netfilter. */
  NETFILTER("6.4"),
  /** A type that this version of the library does not know. */
  OTHER("0.0");

  private static final ProgramType[] KNOWN = values();

  private final KernelVersion since;

  ProgramType(String since) {
    this.since = KernelVersion.of(since);
  }

  static ProgramType of(int number) {
    return number >= 1 && number <= OTHER.ordinal() ? KNOWN[number - 1] : OTHER;
  }

  /** Where programs of the type are attached, if that is one place only. */
  AttachType onlyAttachType() {
    return switch (this) {
      case SOCK_OPS -> AttachType.CGROUP_SOCK_OPS;
      case CGROUP_DEVICE -> AttachType.CGROUP_DEVICE;
      case CGROUP_SYSCTL -> AttachType.CGROUP_SYSCTL;
      case SK_MSG -> AttachType.SK_MSG_VERDICT;
      case SK_LOOKUP -> AttachType.SK_LOOKUP;
      default -> AttachType.OTHER;
    };
  }

  boolean attachesToSocketMap() {
    return this == SK_MSG || this == SK_SKB;
  }

  boolean attachesToCgroup() {
    return switch (this) {
      case CGROUP_SKB,
          CGROUP_SOCK,
          SOCK_OPS,
          CGROUP_DEVICE,
          CGROUP_SOCK_ADDR,
          CGROUP_SYSCTL,
          CGROUP_SOCKOPT ->
          true;
      default -> false;
    };
  }

  /** {@return the first kernel that has it} */
  public KernelVersion since() {
    return since;
  }

  /** The kernel's number. */
  int number() {
    if (this == OTHER) {
      throw new IllegalArgumentException("not a type that this library knows");
    }
    return ordinal() + 1;
  }

  /** What loading a program of this type takes, if it reads no kernel memory. */
  Set<Capability> needs() {
    var needs = EnumSet.of(Capability.CAP_BPF);
    switch (this) {
      case SCHED_CLS,
          SCHED_ACT,
          XDP,
          CGROUP_SKB, // to be attached, not to be loaded
          CGROUP_SOCK,
          LWT_IN,
          LWT_OUT,
          LWT_XMIT,
          SOCK_OPS,
          SK_SKB,
          CGROUP_DEVICE,
          SK_MSG,
          CGROUP_SOCK_ADDR,
          LWT_SEG6LOCAL,
          FLOW_DISSECTOR,
          CGROUP_SYSCTL,
          CGROUP_SOCKOPT,
          NETFILTER ->
          needs.add(Capability.CAP_NET_ADMIN);
      case KPROBE,
          TRACEPOINT,
          PERF_EVENT,
          RAW_TRACEPOINT,
          RAW_TRACEPOINT_WRITABLE,
          TRACING,
          STRUCT_OPS,
          LSM ->
          needs.add(Capability.CAP_PERFMON);
      case EXT -> {
        needs.add(Capability.CAP_NET_ADMIN);
        needs.add(Capability.CAP_PERFMON);
      }
      default -> {
        // nothing more
      }
    }
    return needs;
  }
}
