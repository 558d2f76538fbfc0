// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

/**
 * What our figures are to reach; NaN for what is not asked.
 *
 * @param timesC at most so many times C's
 * @param nanoseconds at most so many
 * @param speedup over the single operation, at least so many times
 */
record Goal(double timesC, double nanoseconds, double speedup) {
  /**
   * Bytes for each operation, or entry of a batch, that are allocated at most where nothing is to
   * be. An object has 16; JMH's own, which grows with the time of an operation, is up to 5.
   */
  static final double NO_OBJECT = 8;

  static final Goal SINGLE = new Goal(1.05, Double.NaN, Double.NaN);
  static final Goal BATCH = new Goal(1.05, Double.NaN, 8);
  static final Goal COUNTER = new Goal(Double.NaN, 5, Double.NaN);
  static final Goal RING = new Goal(1 / 0.9, Double.NaN, Double.NaN);
  static final Goal ALLOCATION_ONLY = new Goal(Double.NaN, Double.NaN, Double.NaN);
}
