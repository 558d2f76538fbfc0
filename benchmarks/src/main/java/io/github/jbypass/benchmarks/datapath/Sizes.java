// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import java.util.Locale;

/** Numbers of bytes and of other things as they are told. */
final class Sizes {
  private Sizes() {}

  /** Such as 36 B, 4 KiB or 1 MiB. */
  static String text(int bytes) {
    if (bytes >= 1 << 20 && bytes % (1 << 20) == 0) {
      return (bytes >> 20) + " MiB";
    }
    return bytes >= 1 << 10 && bytes % (1 << 10) == 0 ? (bytes >> 10) + " KiB" : bytes + " B";
  }

  /** Such as 1 connection or 1,000 connections. */
  static String count(int number, String thing) {
    return number == 1 ? "1 " + thing : String.format(Locale.ROOT, "%,d %ss", number, thing);
  }
}
