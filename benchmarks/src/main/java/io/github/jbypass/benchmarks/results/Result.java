// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.results;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

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
    return median(values);
  }

  /** What each round measured, as a multiple of what it measured of another one. */
  public List<Double> ratiosTo(Result other) {
    if (values.size() != other.values.size()) {
      throw new IllegalArgumentException(
          "%s in %d rounds, %s in %d"
              .formatted(variant, values.size(), other.variant, other.values.size()));
    }
    return IntStream.range(0, values.size())
        .mapToObj(round -> values.get(round) / other.values.get(round))
        .toList();
  }

  /**
   * As a multiple of another one: the median of the rounds, each by itself, so that a machine that
   * is faster in one round than in another doesn't matter. Of the medians, if one of the two has no
   * figure of some round.
   */
  public double ratioTo(Result other) {
    return values.size() == other.values.size()
        ? median(ratiosTo(other))
        : median() / other.median();
  }

  private static double median(List<Double> values) {
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
