// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** The type of a BPF map, named as in the kernel's {@code enum bpf_map_type}, in its order. */
public enum MapType {
  /** Any key to any value. */
  HASH,
  /** Indexed by an unsigned 32-bit number; entries always exist. */
  ARRAY,
  PROG_ARRAY,
  PERF_EVENT_ARRAY,
  /** A hash with a value for each CPU. */
  PERCPU_HASH,
  /** An array with a value for each CPU. */
  PERCPU_ARRAY,
  STACK_TRACE,
  CGROUP_ARRAY,
  /** A hash that evicts what was not used for long. */
  LRU_HASH,
  LRU_PERCPU_HASH,
  /** Longest prefix match, for address ranges. */
  LPM_TRIE,
  ARRAY_OF_MAPS,
  HASH_OF_MAPS,
  DEVMAP,
  /** Sockets by index. */
  SOCKMAP,
  CPUMAP,
  XSKMAP,
  /** Sockets by key. */
  SOCKHASH,
  CGROUP_STORAGE,
  REUSEPORT_SOCKARRAY,
  PERCPU_CGROUP_STORAGE,
  QUEUE,
  STACK,
  /** A value for each socket. */
  SK_STORAGE,
  DEVMAP_HASH,
  STRUCT_OPS,
  /** Records from BPF to user space, in order. */
  RINGBUF,
  INODE_STORAGE,
  TASK_STORAGE,
  BLOOM_FILTER,
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
