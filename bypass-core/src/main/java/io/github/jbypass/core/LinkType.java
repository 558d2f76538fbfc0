// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** How an attachment is kept, named as in the kernel's {@code enum bpf_link_type}. */
public enum LinkType {
  /** Not by a link: a {@link DirectAttachment} or a {@link TcFilter}. */
  NONE,
  /** To a raw tracepoint. */
  RAW_TRACEPOINT,
  /** To a function of the kernel. */
  TRACING,
  /** To a control group. Kernel 5.7. */
  CGROUP,
  /** An iterator. Kernel 5.8. */
  ITER,
  /** To a network namespace. */
  NETNS,
  /** To a network device, before the stack. */
  XDP,
  /** To a perf event, a kprobe or a tracepoint. */
  PERF_EVENT,
  /** To several functions of the kernel. */
  KPROBE_MULTI,
  /** In the place of functions of the kernel. */
  STRUCT_OPS,
  /** To netfilter. */
  NETFILTER,
  /** To a network device. Kernel 6.6. */
  TCX,
  /** To several functions of user programs. */
  UPROBE_MULTI,
  /** To a netkit device. */
  NETKIT,
  /** To a SOCKMAP or SOCKHASH. Kernel 6.10. */
  SOCKMAP,
  /** A type that this version of the library does not know. */
  OTHER;

  private static final LinkType[] KNOWN = values();

  static LinkType of(int number) {
    return number >= 1 && number < OTHER.ordinal() ? KNOWN[number] : OTHER;
  }
}
