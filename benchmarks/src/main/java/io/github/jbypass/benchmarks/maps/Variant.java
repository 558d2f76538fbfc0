// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import java.util.Locale;

/** Who does it: the name of a benchmark's method, in lower case. */
enum Variant {
  /** Ours, over memory segments. */
  MEMORY("MemorySegment"),
  /** Ours, with primitive numbers. */
  NUMBERS("numbers"),
  /** Ours, with objects, which have to be allocated. */
  RECORDS("records"),
  /** The loop in C over libbpf. */
  C("C"),
  /** The other Java binding. */
  RAWBPF("rawbpf");

  final String title;

  Variant(String title) {
    this.title = title;
  }

  boolean isOurs() {
    return this != C && this != RAWBPF;
  }

  /** Whether it has to do without allocation. */
  boolean allocatesNothing() {
    return this == MEMORY || this == NUMBERS;
  }

  String method() {
    return name().toLowerCase(Locale.ROOT);
  }
}
