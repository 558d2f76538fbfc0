// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** Where a program is attached, named as in the kernel's {@code enum bpf_attach_type}. */
@SuppressWarnings("doclint:missing") // the programs' types say what they are for
public enum AttachType {
  CGROUP_INET_INGRESS(ProgramType.CGROUP_SKB, "4.10"),
  CGROUP_INET_EGRESS(ProgramType.CGROUP_SKB, "4.10"),
  CGROUP_INET_SOCK_CREATE(ProgramType.CGROUP_SOCK, "4.10"),
  CGROUP_SOCK_OPS(ProgramType.SOCK_OPS, "4.13"),
  SK_SKB_STREAM_PARSER(ProgramType.SK_SKB, "4.14"),
  SK_SKB_STREAM_VERDICT(ProgramType.SK_SKB, "4.14"),
  CGROUP_DEVICE(ProgramType.CGROUP_DEVICE, "4.15"),
  SK_MSG_VERDICT(ProgramType.SK_MSG, "4.17"),
  CGROUP_INET4_BIND(ProgramType.CGROUP_SOCK_ADDR, "4.17"),
  CGROUP_INET6_BIND(ProgramType.CGROUP_SOCK_ADDR, "4.17"),
  CGROUP_INET4_CONNECT(ProgramType.CGROUP_SOCK_ADDR, "4.17"),
  CGROUP_INET6_CONNECT(ProgramType.CGROUP_SOCK_ADDR, "4.17"),
  CGROUP_INET4_POST_BIND(ProgramType.CGROUP_SOCK, "4.17"),
  CGROUP_INET6_POST_BIND(ProgramType.CGROUP_SOCK, "4.17"),
  CGROUP_UDP4_SENDMSG(ProgramType.CGROUP_SOCK_ADDR, "4.18"),
  CGROUP_UDP6_SENDMSG(ProgramType.CGROUP_SOCK_ADDR, "4.18"),
  LIRC_MODE2(ProgramType.LIRC_MODE2, "4.18"),
  FLOW_DISSECTOR(ProgramType.FLOW_DISSECTOR, "4.20"),
  CGROUP_SYSCTL(ProgramType.CGROUP_SYSCTL, "5.2"),
  CGROUP_UDP4_RECVMSG(ProgramType.CGROUP_SOCK_ADDR, "5.2"),
  CGROUP_UDP6_RECVMSG(ProgramType.CGROUP_SOCK_ADDR, "5.2"),
  CGROUP_GETSOCKOPT(ProgramType.CGROUP_SOCKOPT, "5.3"),
  CGROUP_SETSOCKOPT(ProgramType.CGROUP_SOCKOPT, "5.3"),
  TRACE_RAW_TP(ProgramType.TRACING, "5.5"),
  TRACE_FENTRY(ProgramType.TRACING, "5.5"),
  TRACE_FEXIT(ProgramType.TRACING, "5.5"),
  MODIFY_RETURN(ProgramType.TRACING, "5.7"),
  LSM_MAC(ProgramType.LSM, "5.7"),
  TRACE_ITER(ProgramType.TRACING, "5.8"),
  CGROUP_INET4_GETPEERNAME(ProgramType.CGROUP_SOCK_ADDR, "5.8"),
  CGROUP_INET6_GETPEERNAME(ProgramType.CGROUP_SOCK_ADDR, "5.8"),
  CGROUP_INET4_GETSOCKNAME(ProgramType.CGROUP_SOCK_ADDR, "5.8"),
  CGROUP_INET6_GETSOCKNAME(ProgramType.CGROUP_SOCK_ADDR, "5.8"),
  XDP_DEVMAP(ProgramType.XDP, "5.8"),
  CGROUP_INET_SOCK_RELEASE(ProgramType.CGROUP_SOCK, "5.9"),
  XDP_CPUMAP(ProgramType.XDP, "5.9"),
  SK_LOOKUP(ProgramType.SK_LOOKUP, "5.9"),
  XDP(ProgramType.XDP, "5.9"),
  SK_SKB_VERDICT(ProgramType.SK_SKB, "5.13"),
  SK_REUSEPORT_SELECT(ProgramType.SK_REUSEPORT, "4.19"),
  SK_REUSEPORT_SELECT_OR_MIGRATE(ProgramType.SK_REUSEPORT, "5.14"),
  PERF_EVENT(ProgramType.PERF_EVENT, "5.15"),
  TRACE_KPROBE_MULTI(ProgramType.KPROBE, "5.18"),
  LSM_CGROUP(ProgramType.LSM, "6.0"),
  STRUCT_OPS(ProgramType.STRUCT_OPS, "6.4"),
  NETFILTER(ProgramType.NETFILTER, "6.4"),
  TCX_INGRESS(ProgramType.SCHED_CLS, "6.6"),
  TCX_EGRESS(ProgramType.SCHED_CLS, "6.6"),
  TRACE_UPROBE_MULTI(ProgramType.KPROBE, "6.6"),
  CGROUP_UNIX_CONNECT(ProgramType.CGROUP_SOCK_ADDR, "6.7"),
  CGROUP_UNIX_SENDMSG(ProgramType.CGROUP_SOCK_ADDR, "6.7"),
  CGROUP_UNIX_RECVMSG(ProgramType.CGROUP_SOCK_ADDR, "6.7"),
  CGROUP_UNIX_GETPEERNAME(ProgramType.CGROUP_SOCK_ADDR, "6.7"),
  CGROUP_UNIX_GETSOCKNAME(ProgramType.CGROUP_SOCK_ADDR, "6.7"),
  NETKIT_PRIMARY(ProgramType.SCHED_CLS, "6.7"),
  NETKIT_PEER(ProgramType.SCHED_CLS, "6.7"),
  TRACE_KPROBE_SESSION(ProgramType.KPROBE, "6.10"),
  TRACE_UPROBE_SESSION(ProgramType.KPROBE, "6.13"),
  /** A type that this version of the library does not know. */
  OTHER(ProgramType.OTHER, "0.0");

  private static final AttachType[] KNOWN = values();

  private final ProgramType programType;
  private final KernelVersion since;

  AttachType(ProgramType programType, String since) {
    this.programType = programType;
    this.since = KernelVersion.of(since);
  }

  static AttachType of(int number) {
    return number >= 0 && number < OTHER.ordinal() ? KNOWN[number] : OTHER;
  }

  static AttachType of(TcDirection direction) {
    return switch (direction) {
      case INGRESS -> TCX_INGRESS;
      case EGRESS -> TCX_EGRESS;
    };
  }

  /** {@return the type of the programs that are attached there; of some there are others too} */
  public ProgramType programType() {
    return programType;
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
    return ordinal();
  }
}
