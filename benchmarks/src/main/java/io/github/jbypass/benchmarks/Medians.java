// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Figures of several variants, measured in turns, and their medians. */
final class Medians<V> {
  /** Measures one variant once. */
  interface Measured<V> {
    double measure(V variant) throws Exception;
  }

  private final Map<V, List<Double>> figures = new LinkedHashMap<>();

  /** Each round measures every variant, beginning with another one. */
  Medians(List<V> variants, int rounds, Measured<V> measured) throws Exception {
    variants.forEach(variant -> figures.put(variant, new ArrayList<>()));
    for (int round = 0; round < rounds; round++) {
      for (int turn = 0; turn < variants.size(); turn++) {
        var variant = variants.get((round + turn) % variants.size());
        figures.get(variant).add(measured.measure(variant));
      }
    }
  }

  double of(V variant) {
    var sorted = figures.get(variant).stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
