// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.results;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Results as tables in Markdown: medians, with half the range of the rounds in percent, and how
 * they compare with the first variant.
 */
public final class Tables {
  private static final String ABSENT = "-";

  private Tables() {}

  /** A table for each topic and metric, with an empty line after it. */
  public static String of(List<Result> results) {
    return Topic.of(results).stream().map(Tables::table).collect(Collectors.joining("\n"));
  }

  private static String table(Topic topic) {
    var variants = topic.variants();
    var lines = new ArrayList<List<String>>();
    var head = new ArrayList<>(List.of(topic.name() + ": " + topic.metric()));
    head.addAll(variants);
    variants.stream().skip(1).forEach(variant -> head.add(variant + " / " + variants.getFirst()));
    lines.add(head);
    for (var scenario : topic.scenarios()) {
      var line = new ArrayList<>(List.of(scenario));
      variants.forEach(variant -> line.add(cell(topic.at(scenario, variant))));
      var baseline = topic.at(scenario, variants.getFirst());
      variants.stream()
          .skip(1)
          .forEach(variant -> line.add(ratio(topic.at(scenario, variant), baseline)));
      lines.add(line);
    }
    return aligned(lines);
  }

  private static String cell(Optional<Result> result) {
    return result.map(Tables::cell).orElse(ABSENT);
  }

  private static String cell(Result result) {
    double median = result.median();
    var text = number(median);
    return result.values().size() == 1 || median == 0
        ? text
        : text + " ±%.0f%%".formatted(100 * result.spread() / Math.abs(median));
  }

  private static String ratio(Optional<Result> result, Optional<Result> baseline) {
    return result.isEmpty() || baseline.isEmpty() || baseline.get().values().contains(0.0)
        ? ABSENT
        : String.format(Locale.ROOT, "%.2f", result.get().ratioTo(baseline.get()));
  }

  /** Three significant digits at least, and no more decimals than they take. */
  static String number(double value) {
    double size = Math.abs(value);
    int decimals = size == 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  private static String aligned(List<List<String>> lines) {
    int columns = lines.getFirst().size();
    var widths = new int[columns];
    for (var line : lines) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    var text = new StringBuilder();
    for (int row = 0; row < lines.size(); row++) {
      for (int i = 0; i < columns; i++) {
        var cell = lines.get(row).get(i);
        var padding = " ".repeat(widths[i] - cell.length());
        text.append("| ").append(i == 0 ? cell + padding : padding + cell).append(' ');
      }
      text.append("|\n");
      if (row == 0) {
        text.append("|").append("-".repeat(widths[0] + 2));
        for (int i = 1; i < columns; i++) {
          text.append("|").append("-".repeat(widths[i] + 1)).append(':');
        }
        text.append("|\n");
      }
    }
    return text.toString();
  }
}
