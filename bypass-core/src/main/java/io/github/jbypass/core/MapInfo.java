// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the kernel knows of a map.
 *
 * @param id the number that the kernel gave it; bpftool shows the same
 * @param name its name in the kernel: the first 15 characters of that in C
 * @param type its type
 * @param keySize size of a key in bytes
 * @param valueSize size of a value in bytes; in a per-CPU map, of the value of one CPU
 * @param maxEntries how many entries it can hold
 * @param flags the kernel's {@code map_flags}; see {@link #has}
 * @param memory bytes of kernel memory that it takes now, as far as the kernel tells: before 6.4 an
 *     estimate. Empty where /proc is not there
 * @param frozen whether user space can't change it any more; empty where /proc is not there
 */
public record MapInfo(
    int id,
    String name,
    MapType type,
    int keySize,
    int valueSize,
    int maxEntries,
    int flags,
    OptionalLong memory,
    Optional<Boolean> frozen) {
  /**
   * {@return whether the map was created with a flag}
   *
   * @param flag the flag
   */
  public boolean has(MapFlag flag) {
    return (flags & flag.bit()) != 0;
  }
}
