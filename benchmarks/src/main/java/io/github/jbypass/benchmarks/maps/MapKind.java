// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import io.github.jbypass.core.BpfMapSpec;
import io.github.jbypass.core.MapType;

/** The types of maps that are measured; keys of four bytes, values of eight. */
public enum MapKind {
  /** Sized with room to spare, as hashes are. */
  HASH(MapType.HASH),
  /** With so much room that nothing is evicted. */
  LRU_HASH(MapType.LRU_HASH),
  /** Updated with descriptors, read as cookies. */
  SOCKHASH(MapType.SOCKHASH),
  /** All of its keys exist. */
  ARRAY(MapType.ARRAY),
  /** A value for each CPU, all copied each time. */
  PERCPU_ARRAY(MapType.PERCPU_ARRAY);

  private static final int LRU_RESERVE = 512; // entries that a CPU keeps to itself, and more

  private final MapType type;

  MapKind(MapType type) {
    this.type = type;
  }

  boolean hasBatches() {
    return this != SOCKHASH;
  }

  boolean isPerCpu() {
    return this == PERCPU_ARRAY;
  }

  /** A map that has room for so many entries; an array has just these. */
  BpfMapSpec spec(int entries) {
    int room =
        switch (this) {
          case ARRAY, PERCPU_ARRAY -> entries;
          case HASH, SOCKHASH -> 2 * entries;
          case LRU_HASH -> 2 * entries + LRU_RESERVE * Runtime.getRuntime().availableProcessors();
        };
    return new BpfMapSpec("bench", type, Integer.BYTES, Long.BYTES, room);
  }
}
