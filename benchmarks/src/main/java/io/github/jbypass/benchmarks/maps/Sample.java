// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import io.github.jbypass.core.typed.BigEndian;

/** {@code struct sample}. */
record Sample(long id, @BigEndian int address, char port, char flags, long bytes) {
  /** What reading it in C adds up to. */
  long sum() {
    return id + Integer.toUnsignedLong(address) + port + flags + bytes;
  }
}
