// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

/** What is measured has to have worked: failing fast is fast. */
final class Expect {
  private Expect() {}

  /** Returns what came out, if it is what had to. */
  static long that(long actual, long expected, String what) {
    if (actual != expected) {
      throw new IllegalStateException(what + ": " + actual + ", not " + expected);
    }
    return actual;
  }

  /** The result of a libbpf function. */
  static int success(int result) {
    if (result < 0) {
      throw new IllegalStateException("libbpf: " + result);
    }
    return result;
  }
}
