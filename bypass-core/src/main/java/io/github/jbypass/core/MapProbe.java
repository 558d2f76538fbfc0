// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.MapCalls;
import io.github.jbypass.core.internal.MapCalls.BtfTypes;
import java.util.EnumSet;
import java.util.Set;

/** Creates one map of each type. */
final class MapProbe {
  private static final int NO_PREALLOC = 1;
  private static final int RING_SIZE = 1 << 16; // a multiple of every page size
  private static final int CGROUP_KEY_SIZE = 16; // struct bpf_cgroup_storage_key

  private MapProbe() {}

  static Support run(MapType type) {
    var needs = needs(type);
    return switch (type) {
      case OTHER -> new Support.Unknown("it stands for types that this library does not know");
      case ARRAY_OF_MAPS, HASH_OF_MAPS -> ofMaps(type, needs);
      case SK_STORAGE, INODE_STORAGE, TASK_STORAGE -> storage(type, needs);
      case STRUCT_OPS -> KernelFeatures.programType(ProgramType.STRUCT_OPS); // one has no use alone
      default -> Probe.answer(create(type), since(type), needs);
    };
  }

  /** What creating a map of a type takes. */
  static Set<Capability> needs(MapType type) {
    return switch (type) {
      case SOCKMAP, SOCKHASH, DEVMAP, DEVMAP_HASH, XSKMAP ->
          EnumSet.of(Capability.CAP_BPF, Capability.CAP_NET_ADMIN);
      default -> EnumSet.of(Capability.CAP_BPF);
    };
  }

  private static int create(MapType type) {
    return switch (type) {
      case LPM_TRIE -> create(type, 8, 4, 1, NO_PREALLOC);
      case STACK_TRACE -> create(type, 4, 8, 1, 0);
      case QUEUE, STACK, BLOOM_FILTER -> create(type, 0, 4, 1, 0);
      case CGROUP_STORAGE, PERCPU_CGROUP_STORAGE -> create(type, CGROUP_KEY_SIZE, 8, 0, 0);
      case RINGBUF, USER_RINGBUF -> create(type, 0, 0, RING_SIZE, 0);
      default -> create(type, 0);
    };
  }

  /** A map of one entry, with four bytes of key and value; a descriptor or an error number. */
  static int create(MapType type, int flags) {
    return create(type, Integer.BYTES, Integer.BYTES, 1, flags);
  }

  private static int create(MapType type, int keySize, int valueSize, int entries, int flags) {
    return MapCalls.create(
        type.number(), "probe", keySize, valueSize, entries, flags, 0, BtfTypes.NONE);
  }

  private static Support ofMaps(MapType type, Set<Capability> needs) {
    int inner = create(MapType.ARRAY, 0);
    if (inner < 0) {
      return Probe.answer(inner, since(MapType.ARRAY), needs);
    }
    try (var owned = new Fd(inner, "a map to put into a map")) {
      int outer =
          MapCalls.create(type.number(), "probe", 4, 4, 1, 0, owned.number(), BtfTypes.NONE);
      return Probe.answer(outer, since(type), needs);
    }
  }

  private static Support storage(MapType type, Set<Capability> needs) {
    int btf = MapCalls.loadBtf(MapCreation.btf(Integer.BYTES));
    if (btf < 0) {
      return Probe.answer(btf, since(type), needs);
    }
    try (var owned = new Fd(btf, "type information for a map")) {
      var types = new BtfTypes(owned.number(), 1, 3);
      int map = MapCalls.create(type.number(), "probe", 4, 4, 0, NO_PREALLOC, 0, types);
      return Probe.answer(map, since(type), needs);
    }
  }

  private static KernelVersion since(MapType type) {
    return KernelVersion.of(
        switch (type) {
          case HASH, ARRAY -> "3.19";
          case PROG_ARRAY -> "4.2";
          case PERF_EVENT_ARRAY -> "4.3";
          case PERCPU_HASH, PERCPU_ARRAY, STACK_TRACE -> "4.6";
          case CGROUP_ARRAY -> "4.8";
          case LRU_HASH, LRU_PERCPU_HASH -> "4.10";
          case LPM_TRIE -> "4.11";
          case ARRAY_OF_MAPS, HASH_OF_MAPS -> "4.12";
          case DEVMAP, SOCKMAP -> "4.14";
          case CPUMAP -> "4.15";
          case XSKMAP, SOCKHASH -> "4.18";
          case CGROUP_STORAGE, REUSEPORT_SOCKARRAY -> "4.19";
          case PERCPU_CGROUP_STORAGE, QUEUE, STACK -> "4.20";
          case SK_STORAGE -> "5.2";
          case DEVMAP_HASH -> "5.4";
          case STRUCT_OPS -> "5.6";
          case RINGBUF -> "5.8";
          case INODE_STORAGE -> "5.10";
          case TASK_STORAGE -> "5.11";
          case BLOOM_FILTER -> "5.16";
          case USER_RINGBUF -> "6.1";
          case OTHER -> throw new IllegalArgumentException("no version has " + type);
        });
  }
}
