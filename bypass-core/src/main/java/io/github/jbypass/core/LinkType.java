// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** How an attachment is kept, named as in the kernel's {@code enum bpf_link_type}. */
public enum LinkType {
  /** Not by a link: a {@link DirectAttachment} or a {@link TcFilter}. */
  NONE,
  RAW_TRACEPOINT,
  TRACING,
  /** To a control group. Kernel 5.7. */
  CGROUP,
  /** An iterator. Kernel 5.8. */
  ITER,
  NETNS,
  XDP,
  PERF_EVENT,
  KPROBE_MULTI,
  STRUCT_OPS,
  NETFILTER,
  /** To a network device. Kernel 6.6. */
  TCX,
  UPROBE_MULTI,
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
