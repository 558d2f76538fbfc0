// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a map is to be like: for {@link BpfMap#create}, and what {@link BpfObjectSpec#map} says of
 * the maps that an object declares. Immutable.
 *
 * @param name at most 15 characters for a map that is created: letters, digits, '_' and '.'
 * @param type its type
 * @param keySize size of a key in bytes; 0 for queues, stacks and ring buffers
 * @param valueSize size of a value in bytes; in a per-CPU map, of the value of one CPU; 0 for ring
 *     buffers
 * @param maxEntries how many entries it can hold; bytes of a ring buffer; 0 for socket storage
 * @param flags the kernel's {@code map_flags}; see {@link #with} and {@link #has}
 * @param inner what the maps in a map of maps are like, or null
 */
public record BpfMapSpec(
    String name,
    MapType type,
    int keySize,
    int valueSize,
    int maxEntries,
    int flags,
    @Nullable BpfMapSpec inner) {
  /** BPF_F_RDONLY and BPF_F_WRONLY restrict the creator's descriptor: the map forgets them. */
  private static final int OF_DESCRIPTOR = 1 << 3 | 1 << 4;

  /** Tries and local storage get {@link MapFlag#NO_PREALLOC}: the kernel has no others. */
  public BpfMapSpec {
    flags |=
        switch (type) {
          case LPM_TRIE, SK_STORAGE, INODE_STORAGE, TASK_STORAGE -> MapFlag.NO_PREALLOC.bit();
          default -> 0;
        };
  }

  /**
   * A map without flags.
   *
   * @param name at most 15 characters
   * @param type its type
   * @param keySize size of a key in bytes
   * @param valueSize size of a value in bytes
   * @param maxEntries how many entries it can hold
   */
  public BpfMapSpec(String name, MapType type, int keySize, int valueSize, int maxEntries) {
    this(name, type, keySize, valueSize, maxEntries, 0, null);
  }

  /**
   * {@return the same with a flag}
   *
   * @param flag the flag
   */
  public BpfMapSpec with(MapFlag flag) {
    return new BpfMapSpec(name, type, keySize, valueSize, maxEntries, flags | flag.bit(), inner);
  }

  /**
   * {@return the same as a map of maps like the given one}
   *
   * @param prototype what the inner maps are like
   */
  public BpfMapSpec holding(BpfMapSpec prototype) {
    return new BpfMapSpec(name, type, keySize, valueSize, maxEntries, flags, prototype);
  }

  /**
   * {@return whether the map has a flag}
   *
   * @param flag the flag
   */
  public boolean has(MapFlag flag) {
    return (flags & flag.bit()) != 0;
  }

  /**
   * How an existing map differs from this one, apart from its name.
   *
   * @param actual what the kernel says of the existing map
   * @return every difference, such as "value size: 8 wanted, 16 found"; nothing if it can take this
   *     one's place
   */
  public List<String> differences(MapInfo actual) {
    var differences = new ArrayList<String>();
    compare("type", type, actual.type(), differences);
    compare("key size", keySize, actual.keySize(), differences);
    compare("value size", valueSize, actual.valueSize(), differences);
    compare("max entries", maxEntries, actual.maxEntries(), differences);
    compare("flags", hex(flags & ~OF_DESCRIPTOR), hex(actual.flags()), differences);
    return List.copyOf(differences);
  }

  private static String hex(int flags) {
    return "0x" + Integer.toHexString(flags);
  }

  private static void compare(
      String property, Object wanted, Object found, List<String> differences) {
    if (!Objects.equals(wanted, found)) {
      differences.add("%s: %s wanted, %s found".formatted(property, wanted, found));
    }
  }
}
