// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import java.util.List;
import org.openjdk.jmh.util.ListStatistics;

/**
 * What was measured of one variant.
 *
 * @param samples nanoseconds an operation, of each iteration
 * @param bytes allocated by an operation, of each round
 */
record Figures(List<Double> samples, List<Double> bytes) {
  private static final double CONFIDENCE = 0.999;

  static double median(List<Double> figures) {
    return new ListStatistics(figures.stream().mapToDouble(Double::doubleValue).toArray())
        .getPercentile(50);
  }

  /** Nanoseconds an operation. */
  double median() {
    return median(samples);
  }

  /** Half of JMH's 99.9 % confidence interval of the mean; NaN if there are too few samples. */
  double error() {
    return new ListStatistics(samples.stream().mapToDouble(Double::doubleValue).toArray())
        .getMeanErrorAt(CONFIDENCE);
  }

  /** The least is what the operation itself needs: the compiler may come late in a round. */
  double bytesAllocated() {
    return bytes.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
  }
}
