// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.results;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The results of one topic in one metric, as a table or chart shows them. */
record Topic(String name, Metric metric, List<Result> results) {
  private record Name(String topic, Metric metric) {}

  /** In the order in which they were measured. */
  static List<Topic> of(List<Result> results) {
    Map<Name, List<Result>> topics = new LinkedHashMap<>();
    for (var result : results) {
      topics
          .computeIfAbsent(new Name(result.topic(), result.metric()), _ -> new ArrayList<>())
          .add(result);
    }
    return topics.entrySet().stream()
        .map(entry -> new Topic(entry.getKey().topic, entry.getKey().metric, entry.getValue()))
        .toList();
  }

  List<String> scenarios() {
    return results.stream().map(Result::scenario).distinct().toList();
  }

  /** The first one is the baseline of the others. */
  List<String> variants() {
    return results.stream().map(Result::variant).distinct().toList();
  }

  Optional<Result> at(String scenario, String variant) {
    return results.stream()
        .filter(result -> result.scenario().equals(scenario) && result.variant().equals(variant))
        .findFirst();
  }
}
