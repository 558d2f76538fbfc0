// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import java.io.IOException;
import java.time.Duration;

/** The same thing again and again. */
final class Repeatedly {
  /** What is done. */
  interface Step {
    void run() throws IOException;
  }

  private Repeatedly() {}

  /**
   * Nanoseconds for each.
   *
   * @param time for how long
   * @param atOnce how often between two looks at the clock
   */
  static double nanos(Duration time, int atOnce, Step step) throws IOException {
    long steps = 0;
    long start = System.nanoTime();
    long end = start + time.toNanos();
    long now;
    do {
      for (int i = 0; i < atOnce; i++) {
        step.run();
      }
      steps += atOnce;
      now = System.nanoTime();
    } while (now < end);
    return (double) (now - start) / steps;
  }
}
