// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.results;

import java.util.Collections;
import java.util.List;

/**
 * The figures of one variant in one scenario.
 *
 * @param topic what stands together in a table and a chart
 * @param scenario a row of the table: a size, a number of connections
 * @param variant a column: who was measured
 * @param metric what was measured
 * @param values one for each round
 */
public record Result(
    String topic, String scenario, String variant, Metric metric, List<Double> values) {
  public Result {
    values = List.copyOf(values);
    if (values.isEmpty()) {
      throw new IllegalArgumentException(
          "%s, %s, %s: no values".formatted(topic, scenario, variant));
    }
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException(
            "%s, %s, %s: %s is no figure".formatted(topic, scenario, variant, value));
      }
    }
  }

  /** The value in the middle; between the two in the middle of an even number. */
  public double median() {
    var sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** Half the distance between the smallest and the largest value. */
  public double spread() {
    return (Collections.max(values) - Collections.min(values)) / 2;
  }
}
