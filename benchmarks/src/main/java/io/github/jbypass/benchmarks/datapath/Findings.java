// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.benchmarks.results.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What a section has found out so far. */
final class Findings {
  private record Figure(String topic, String scenario, String variant, Metric metric) {
    Result result(List<Double> values) {
      return new Result(topic, scenario, variant, metric, values);
    }
  }

  private final Map<Figure, List<Double>> figures = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();
  private final Consumer<String> progress;

  /**
   * None yet.
   *
   * @param progress is told what is being measured
   */
  Findings(Consumer<String> progress) {
    this.progress = progress;
  }

  /** What one more round has measured. */
  void add(String topic, String scenario, String variant, Metric metric, double value) {
    figures
        .computeIfAbsent(new Figure(topic, scenario, variant, metric), _ -> new ArrayList<>())
        .add(value);
  }

  /** What could not be measured and why, or what the figures don't say. */
  void note(String text) {
    if (!notes.contains(text)) {
      notes.add(text);
    }
  }

  void progress(String text) {
    progress.accept(text);
  }

  List<Result> results() {
    return figures.entrySet().stream()
        .map(figure -> figure.getKey().result(figure.getValue()))
        .toList();
  }

  List<String> notes() {
    return List.copyOf(notes);
  }
}
