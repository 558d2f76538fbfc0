// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import io.github.jbypass.benchmarks.results.Machine;
import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.benchmarks.results.Report;
import io.github.jbypass.benchmarks.results.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a run leaves behind: a topic for each scenario, in which C is what others compare with. */
final class MapsResults {
  private static final Metric TIME = Metric.less("time", "ns");
  private static final Metric ALLOCATED = Metric.less("allocated", "B");
  private static final List<Variant> BASELINE_FIRST =
      List.of(Variant.C, Variant.MEMORY, Variant.NUMBERS, Variant.RECORDS, Variant.RAWBPF);

  private MapsResults() {}

  static Report report(Map<Case, Map<Variant, Figures>> measured, Machine machine, String command) {
    var results = new ArrayList<Result>();
    measured.forEach(
        (one, figures) -> {
          for (var variant : BASELINE_FIRST) {
            var of = figures.get(variant);
            if (of != null) {
              results.add(result(one, variant, TIME, of.samples()));
              if (variant != Variant.C && !of.bytes().isEmpty()) {
                results.add(result(one, variant, ALLOCATED, of.bytes()));
              }
            }
          }
        });
    return new Report("maps", machine, command, results, notes(Line.of(measured)));
  }

  private static Result result(Case one, Variant variant, Metric metric, List<Double> values) {
    return new Result(one.scenario().title, one.target(), variant.title, metric, values);
  }

  private static List<String> notes(List<Line> lines) {
    return lines.stream()
        .filter(line -> !line.missed().isEmpty())
        .map(
            line ->
                "%s, %s: %s"
                    .formatted(line.what(), line.variant().title, String.join("; ", line.missed())))
        .toList();
  }
}
