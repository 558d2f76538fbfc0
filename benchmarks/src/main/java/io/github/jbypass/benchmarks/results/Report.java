// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.results;

import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that was measured in one run of a section.
 *
 * @param section its word
 * @param machine where
 * @param command by which the figures can be had again
 * @param results in the order of the tables
 * @param notes what the figures don't say: what could not be measured, and why
 */
public record Report(
    String section, Machine machine, String command, List<Result> results, List<String> notes) {
  public Report {
    results = List.copyOf(results);
    notes = List.copyOf(notes);
  }

  /** As on the terminal: tables, then the notes. */
  public String text() {
    var text = new StringBuilder("## " + section + "\n\n").append(Tables.of(results));
    notes.forEach(note -> text.append("\n- ").append(note));
    return text.append(notes.isEmpty() ? "" : "\n").toString();
  }

  /** Every value of every round, and the medians. */
  public String json() {
    var object = new LinkedHashMap<String, Object>();
    object.put("section", section);
    object.put("command", command);
    object.put("machine", machine);
    object.put("results", results.stream().map(Report::object).toList());
    object.put("notes", notes);
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(object)
        + "\n";
  }

  private static Map<String, Object> object(Result result) {
    var object = new LinkedHashMap<String, Object>();
    object.put("topic", result.topic());
    object.put("scenario", result.scenario());
    object.put("variant", result.variant());
    object.put("metric", result.metric().name());
    object.put("unit", result.metric().unit());
    object.put("moreIsBetter", result.metric().moreIsBetter());
    object.put("median", result.median());
    object.put("spread", result.spread());
    object.put("values", result.values());
    return object;
  }

  /**
   * Writes {@code section.json}, {@code section.md} and a chart {@code section-topic.svg} for each
   * topic, and removes charts that an earlier run of this section has left.
   */
  public void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    try (var old = Files.newDirectoryStream(directory, section + "-*.svg")) {
      for (var chart : old) {
        Files.delete(chart);
      }
    }
    Files.writeString(directory.resolve(section + ".json"), json());
    Files.writeString(
        directory.resolve(section + ".md"), text() + "\n`" + command + "`: " + machine + "\n");
    Charts.write(directory, section, machine.toString(), results);
  }
}
