// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.results;

/**
 * What figures mean.
 *
 * @param name such as {@code requests} or {@code p99}
 * @param unit such as {@code 1/s} or {@code µs}
 * @param moreIsBetter whether larger figures are
 */
public record Metric(String name, String unit, boolean moreIsBetter) {
  /** Something to have much of. */
  public static Metric more(String name, String unit) {
    return new Metric(name, unit, true);
  }

  /** Something to have little of. */
  public static Metric less(String name, String unit) {
    return new Metric(name, unit, false);
  }

  @Override
  public String toString() {
    return name + ", " + unit;
  }
}
