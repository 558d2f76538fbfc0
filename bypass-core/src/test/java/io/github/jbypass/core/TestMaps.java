// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/**
 * Small maps of every type, with keys and values of four or eight bytes where there is a choice.
 */
public final class TestMaps {
  /** How many entries they hold. */
  public static final int CAPACITY = 8;

  private TestMaps() {}

  /** What a map of a type has to be like. */
  public static BpfMapSpec spec(MapType type) {
    return switch (type) {
      case LPM_TRIE -> new BpfMapSpec("test", type, 8, 8, CAPACITY);
      case QUEUE, STACK -> new BpfMapSpec("test", type, 0, 8, CAPACITY);
      case RINGBUF -> new BpfMapSpec("test", type, 0, 0, 4096);
      case SK_STORAGE -> new BpfMapSpec("test", type, 4, 8, 0);
      case ARRAY_OF_MAPS, HASH_OF_MAPS ->
          new BpfMapSpec("test", type, 4, 4, CAPACITY).holding(spec(MapType.ARRAY));
      default -> new BpfMapSpec("test", type, 4, 8, CAPACITY);
    };
  }

  /** A new map. */
  public static BpfMap create(MapType type) {
    return BpfMap.create(spec(type));
  }

  /** A new hash from {@code int} to {@code long}. */
  public static BpfMap hash(int entries) {
    return BpfMap.create(new BpfMapSpec("test", MapType.HASH, 4, 8, entries));
  }
}
