// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** The type of a BPF map, named as in the kernel's {@code enum bpf_map_type}, in its order. */
public enum MapType {
  /** Any key to any value. */
  HASH,
  /** Indexed by an unsigned 32-bit number; entries always exist. */
  ARRAY,
  /** Programs that others continue with (bpf_tail_call). */
  PROG_ARRAY,
  /** Perf events, one for each CPU. */
  PERF_EVENT_ARRAY,
  /** A hash with a value for each CPU. */
  PERCPU_HASH,
  /** An array with a value for each CPU. */
  PERCPU_ARRAY,
  /** Stack traces by number. */
  STACK_TRACE,
  /** Control groups by index. */
  CGROUP_ARRAY,
  /** A hash that evicts what was not used for long. */
  LRU_HASH,
  /** An LRU hash with a value for each CPU. */
  LRU_PERCPU_HASH,
  /** Longest prefix match, for address ranges. */
  LPM_TRIE,
  /** Maps by index. */
  ARRAY_OF_MAPS,
  /** Maps by key. */
  HASH_OF_MAPS,
  /** Network devices by index, for XDP. */
  DEVMAP,
  /** Sockets by index. */
  SOCKMAP,
  /** CPUs that XDP sends packets to. */
  CPUMAP,
  /** AF_XDP sockets by index. */
  XSKMAP,
  /** Sockets by key. */
  SOCKHASH,
  /** A value for each attachment to a control group. */
  CGROUP_STORAGE,
  /** Sockets of an SO_REUSEPORT group by index. */
  REUSEPORT_SOCKARRAY,
  /** A value for each attachment to a control group, for each CPU. */
  PERCPU_CGROUP_STORAGE,
  /** Values without keys: first in, first out. */
  QUEUE,
  /** Values without keys: last in, first out. */
  STACK,
  /** A value for each socket. */
  SK_STORAGE,
  /** Network devices by key, for XDP. */
  DEVMAP_HASH,
  /** Functions of the kernel that programs stand in for. */
  STRUCT_OPS,
  /** Records from BPF to user space, in order. */
  RINGBUF,
  /** A value for each inode. */
  INODE_STORAGE,
  /** A value for each thread. */
  TASK_STORAGE,
  /** Tells whether a value may have been put in. Kernel 5.16. */
  BLOOM_FILTER,
  /** Records from user space to BPF. Kernel 6.1. */
  USER_RINGBUF,
  /** A type that this version of the library does not know. */
  OTHER;

  private static final MapType[] KNOWN = values();

  static MapType of(int number) {
    return number >= 1 && number < KNOWN.length ? KNOWN[number - 1] : OTHER;
  }

  /** Whether every possible CPU has its own value. */
  boolean isPerCpu() {
    return switch (this) {
      case PERCPU_HASH, PERCPU_ARRAY, LRU_PERCPU_HASH, PERCPU_CGROUP_STORAGE -> true;
      default -> false;
    };
  }

  /** Whether the map holds sockets and programs can be attached to it. */
  boolean holdsSockets() {
    return this == SOCKMAP || this == SOCKHASH;
  }

  /** Whether keys are indices below the number of entries. */
  boolean isIndexed() {
    return switch (this) {
      case ARRAY, PERCPU_ARRAY, ARRAY_OF_MAPS, SOCKMAP -> true;
      default -> false;
    };
  }

  /** Whether batches go from bucket to bucket, or index to index, whatever is removed meanwhile. */
  boolean hasFixedOrder() {
    return switch (this) {
      case HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH, HASH_OF_MAPS, ARRAY, PERCPU_ARRAY -> true;
      default -> false;
    };
  }

  /** Whether the values are maps, written as descriptors and read as numbers. */
  boolean holdsMaps() {
    return this == ARRAY_OF_MAPS || this == HASH_OF_MAPS;
  }

  /** The kernel's number; {@link #OTHER} has none. */
  int number() {
    return ordinal() + 1;
  }
}
