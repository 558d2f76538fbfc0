// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** A right of a process that the kernel asks for when BPF is used; see capabilities(7). */
public enum Capability {
  /** Creating maps, loading programs and type information, whatever their type. Kernel 5.8. */
  CAP_BPF(39, "creating maps and loading programs"),
  /**
   * Socket maps, and programs that see packets, sockets or control groups: loading them, attaching
   * them to socket maps and interfaces.
   */
  CAP_NET_ADMIN(12, "socket maps and network programs (sock_ops, sk_msg, sk_skb, cgroup, tc)"),
  /**
   * Programs that trace, iterators, and all that reads kernel memory: bpf_probe_read_kernel,
   * arithmetic on pointers, kernel addresses. Kernel 5.8.
   */
  CAP_PERFMON(38, "programs that read kernel memory or trace, and iterators"),
  /**
   * Run-time statistics, finding objects by id, entering namespaces. For BPF it stands in for the
   * three others.
   */
  CAP_SYS_ADMIN(
      21, "run-time statistics, opening objects by id, entering namespaces; implies the others");

  private final int number;
  private final String prevents;

  Capability(int number, String prevents) {
    this.number = number;
    this.prevents = prevents;
  }

  /** {@return what a process can't do without it, as words for users} */
  public String prevents() {
    return prevents;
  }

  boolean isIn(long mask) {
    return (mask >>> number & 1) != 0;
  }
}
