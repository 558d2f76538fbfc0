// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import java.time.Duration;

/**
 * How much is measured.
 *
 * @param rounds how often each variant
 * @param time how long each time
 * @param extent of how many scenarios
 */
record Setting(int rounds, Duration time, Extent extent) {
  enum Extent {
    FULL,
    /** A few scenarios of each section. */
    QUICK,
    /** One scenario of each section: does it still work? */
    SMOKE
  }

  <T> T pick(T full, T quick, T smoke) {
    return switch (extent) {
      case FULL -> full;
      case QUICK -> quick;
      case SMOKE -> smoke;
    };
  }

  /** For programs that take whole seconds. */
  int seconds() {
    return Math.max(1, (int) time.toSeconds());
  }
}
