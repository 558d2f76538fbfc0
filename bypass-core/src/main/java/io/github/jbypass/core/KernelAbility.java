// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** What a kernel may be able to do beyond having a type of map or program, or a helper. */
public enum KernelAbility {
  /** Types of the kernel in /sys/kernel/btf, without which CO-RE programs don't load. */
  BTF("5.4"),
  /** Arrays that can be mapped into memory: counters and global variables without system calls. */
  MMAPABLE_ARRAY("5.5"),
  /** Several entries of a hash in one system call. */
  BATCH_OPERATIONS("5.6"),
  /** Attachments that are descriptors: they end with the process and can be pinned. */
  BPF_LINK("5.7"),
  /** Iterators over the sockets of a socket map. */
  SOCKET_MAP_ITERATOR("5.10"),
  /** BPF memory is charged to the control group instead of RLIMIT_MEMLOCK. */
  MEMCG_ACCOUNTING("5.11"),
  /** Taking an entry out of a hash in one atomic operation. */
  HASH_LOOKUP_AND_DELETE("5.14"),
  /** A typed view of a pointer in programs of socket maps (the kfunc bpf_rdonly_cast). */
  TYPED_CAST("6.2"),
  /** Links for socket maps; before, an attachment there can't be pinned or updated. */
  SOCKET_MAP_LINK("6.10"),
  /** Placing a program before or after another one of the same control group. */
  CGROUP_ORDER("6.17");

  private final KernelVersion since;

  KernelAbility(String since) {
    this.since = KernelVersion.of(since);
  }

  /** {@return the first kernel that has it} */
  public KernelVersion since() {
    return since;
  }
}
