// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.examples.rig.Load;
import io.github.jbypass.examples.rig.LoadResult;

/** What {@link MeshDemo} prints. Ratios are accelerated / plain. */
final class ComparisonTable {
  private static final String GROUPS = "%8s %5s | %25s | %25s | %25s | %10s";
  private static final String ROW = "%8s %5s | %8s %9s %6s | %8s %9s %6s | %8s %9s %6s | %10s";

  private ComparisonTable() {}

  static String heading() {
    return GROUPS.formatted("", "", "requests/s", "median us", "p99 us", "messages")
        + System.lineSeparator()
        + ROW.formatted(
            "body",
            "conns",
            "plain",
            "bypass",
            "ratio",
            "plain",
            "bypass",
            "ratio",
            "plain",
            "bypass",
            "ratio",
            "redirected");
  }

  static String row(Load load, LoadResult plain, LoadResult accelerated, long redirected) {
    return ROW.formatted(
        load.bodyBytes(),
        load.connections(),
        Math.round(plain.requestsPerSecond()),
        Math.round(accelerated.requestsPerSecond()),
        ratio(accelerated.requestsPerSecond(), plain.requestsPerSecond()),
        plain.medianMicros(),
        accelerated.medianMicros(),
        ratio(accelerated.medianMicros(), plain.medianMicros()),
        plain.p99Micros(),
        accelerated.p99Micros(),
        ratio(accelerated.p99Micros(), plain.p99Micros()),
        redirected);
  }

  private static String ratio(double accelerated, double plain) {
    return "%.2f".formatted(accelerated / plain);
  }
}
