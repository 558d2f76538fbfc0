// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import java.time.Duration;

/**
 * How much is measured.
 *
 * @param first number of the first round, which says which variant begins
 * @param rounds how often each variant
 * @param time how long each time
 * @param extent of how many scenarios
 */
record Setting(int first, int rounds, Duration time, Extent extent) {
  enum Extent {
    FULL,
    /** A few scenarios of each section. */
    QUICK,
    /** One scenario of each section: does it still work? */
    SMOKE
  }

  Setting(int rounds, Duration time, Extent extent) {
    this(0, rounds, time, extent);
  }

  /** One of the rounds. */
  Setting round(int number) {
    return new Setting(number, 1, time, extent);
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
