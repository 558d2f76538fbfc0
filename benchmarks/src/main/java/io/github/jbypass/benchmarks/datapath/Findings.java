// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.benchmarks.results.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What a section has found out so far. */
final class Findings {
  private final List<Result> results = new ArrayList<>();
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

  void add(
      String topic, String scenario, String variant, Metric metric, List<Double> valuesOfRounds) {
    results.add(new Result(topic, scenario, variant, metric, valuesOfRounds));
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
    return List.copyOf(results);
  }

  List<String> notes() {
    return List.copyOf(notes);
  }
}
