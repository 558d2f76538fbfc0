// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** A property that a map keeps from its creation, named as in the kernel without {@code BPF_F_}. */
public enum MapFlag {
  /** Memory for entries is allocated when they are put in, not when the map is created. */
  NO_PREALLOC(1),
  /** An LRU map keeps a list for each CPU: faster, and eviction is less exact. */
  NO_COMMON_LRU(1 << 1),
  /** Hashes are not randomised; for tests only. */
  ZERO_SEED(1 << 6),
  /** Programs can't write the map. Kernel 5.2. */
  RDONLY_PROG(1 << 7),
  /** Programs can't read the map. Kernel 5.2. */
  WRONLY_PROG(1 << 8),
  /** A socket that is accepted gets a copy of its listener's value. Kernel 5.4. */
  CLONE(1 << 9),
  /** The memory of an array can be mapped: see {@link BpfMap#mapped}. Kernel 5.5. */
  MMAPABLE(1 << 10),
  /** As an inner map, an array may have any number of entries. Kernel 5.10. */
  INNER_MAP(1 << 12);

  private final int bit;

  MapFlag(int bit) {
    this.bit = bit;
  }

  /** Its bit in the kernel's {@code map_flags}. */
  int bit() {
    return bit;
  }
}
