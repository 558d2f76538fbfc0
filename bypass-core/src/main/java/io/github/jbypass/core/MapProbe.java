// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.ProbeCalls;
import io.github.jbypass.core.internal.ProbeCalls.MapShape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.Set;

/** Creates one map of each type. */
final class MapProbe {
  private static final int NO_PREALLOC = 1;
  private static final int RING_SIZE = 1 << 16; // a multiple of every page size
  private static final int STORAGE_KEY_SIZE = 16; // struct bpf_cgroup_storage_key

  private MapProbe() {}

  static Support run(MapType type) {
    var needs = needs(type);
    return switch (type) {
      case OTHER -> new Support.Unknown("it stands for types that this library does not know");
      case ARRAY_OF_MAPS, HASH_OF_MAPS -> ofMaps(type, needs);
      case SK_STORAGE, INODE_STORAGE, TASK_STORAGE -> storage(type, needs);
      case STRUCT_OPS -> structOps(needs);
      default -> Probe.answer(ProbeCalls.createMap(shape(type)), since(type), needs);
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

  private static MapShape shape(MapType type) {
    return switch (type) {
      case LPM_TRIE -> Probe.map(type, 8, 4, NO_PREALLOC);
      case STACK_TRACE -> Probe.map(type, 4, 8, 0);
      case QUEUE, STACK, BLOOM_FILTER -> Probe.map(type, 0, 4, 0);
      case CGROUP_STORAGE, PERCPU_CGROUP_STORAGE ->
          new MapShape(type.ordinal() + 1, STORAGE_KEY_SIZE, 8, 0, 0, 0, 0, 0);
      case RINGBUF, USER_RINGBUF -> new MapShape(type.ordinal() + 1, 0, 0, RING_SIZE, 0, 0, 0, 0);
      default -> Probe.map(type, 4, 4, 0);
    };
  }

  private static Support ofMaps(MapType type, Set<Capability> needs) {
    int inner = ProbeCalls.createMap(Probe.map(MapType.ARRAY, 4, 4, 0));
    if (inner < 0) {
      return Probe.answer(inner, since(MapType.ARRAY), needs);
    }
    try (var owned = new Fd(inner, "a map to put into a map")) {
      var shape = new MapShape(type.ordinal() + 1, 4, 4, 1, 0, owned.number(), 0, 0);
      return Probe.answer(ProbeCalls.createMap(shape), since(type), needs);
    }
  }

  private static Support storage(MapType type, Set<Capability> needs) {
    int btf = ProbeCalls.loadBtf(btfOfInt());
    if (btf < 0) {
      return Probe.answer(btf, since(type), needs);
    }
    try (var owned = new Fd(btf, "type information for a map")) {
      var shape = new MapShape(type.ordinal() + 1, 4, 4, 0, NO_PREALLOC, 0, owned.number(), 0);
      return Probe.answer(ProbeCalls.createMap(shape), since(type), needs);
    }
  }

  /** The kernel looks for the type 1, which holds no operations, and says so if it has any. */
  private static Support structOps(Set<Capability> needs) {
    var shape = new MapShape(MapType.STRUCT_OPS.ordinal() + 1, 4, 4, 1, 0, 0, 0, 1);
    int result = ProbeCalls.createMap(shape);
    return result == -Errno.ENOTSUPP
        ? Probe.YES
        : Probe.answer(result, since(MapType.STRUCT_OPS), needs);
  }

  /** Type information that consists of {@code int}. */
  private static byte[] btfOfInt() {
    var strings = "\0int\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    var btf = ByteBuffer.allocate(24 + 16 + strings.length).order(ByteOrder.nativeOrder());
    btf.putShort((short) 0xeb9f).put((byte) 1).put((byte) 0).putInt(24);
    btf.putInt(0).putInt(16).putInt(16).putInt(strings.length);
    btf.putInt(1).putInt(1 << 24).putInt(4).putInt(1 << 24 | 32); // signed, 32 bits
    return btf.put(strings).array();
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
