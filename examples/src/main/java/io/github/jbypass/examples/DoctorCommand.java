// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.examples.telling.Json;
import io.github.jbypass.programs.Diagnosis;
import io.github.jbypass.programs.Doctor;
import io.github.jbypass.programs.Finding;
import io.github.jbypass.programs.Verdict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Tells what redirecting would do on this machine. */
@Command(
    name = "doctor",
    description = {
      "Tells what redirecting would do on this machine: what is missing, who else has programs in"
          + " place, and what applications would notice, tried with real sockets.",
      "Touches no other process and leaves nothing behind. Without root, it tells what it may.",
      "Exits with 0 if the data path can work here, with 1 if not."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final int WIDTH = 100;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  private boolean help;

  @Option(names = "--json", description = "One JSON document; docs/doctor.md describes it.")
  private boolean json;

  @Option(
      names = "--cgroup",
      paramLabel = "PATH",
      description = "Looks for programs of others on this cgroup and above, instead of on its own.")
  private @Nullable Path cgroup;

  @Override
  public Integer call() {
    Termination.interruptsThisThread();
    var diagnosis = cgroup == null ? Doctor.examine() : Doctor.examine(Cgroup.at(cgroup));
    System.out.println(json ? Json.write(document(diagnosis)) : text(diagnosis));
    return diagnosis.works() ? 0 : 1;
  }

  private static Map<String, Object> document(Diagnosis diagnosis) {
    var document = new LinkedHashMap<String, Object>();
    document.put("works", diagnosis.works());
    document.put("kernel", System.getProperty("os.version"));
    document.put("findings", diagnosis.findings().stream().map(DoctorCommand::json).toList());
    return document;
  }

  private static Map<String, Object> json(Finding finding) {
    var json = new LinkedHashMap<String, Object>();
    json.put("area", finding.area().name().toLowerCase(Locale.ROOT));
    json.put("check", finding.check());
    json.put("verdict", finding.verdict().name().toLowerCase(Locale.ROOT));
    json.put("notice", finding.notice());
    json.put("remedy", finding.remedy());
    return json;
  }

  private static String text(Diagnosis diagnosis) {
    var findings = diagnosis.findings();
    int names = findings.stream().mapToInt(finding -> finding.check().length()).max().orElse(0);
    var lines = new ArrayList<String>();
    for (var area : Finding.Area.values()) {
      lines.add(heading(area));
      var sameReason =
          findings.stream()
              .filter(finding -> finding.area() == area)
              .collect(
                  Collectors.groupingBy(
                      DoctorCommand::untriedFor, LinkedHashMap::new, Collectors.toList()));
      sameReason.values().forEach(all -> lines.addAll(lines(all, names)));
      lines.add("");
    }
    lines.add(conclusion(diagnosis));
    return String.join("\n", lines);
  }

  /** What was not tried for one reason is told once; everything else by itself. */
  private static String untriedFor(Finding finding) {
    return finding.verdict() == Verdict.NOT_TRIED ? finding.notice() : finding.check();
  }

  private static String heading(Finding.Area area) {
    return switch (area) {
      case MACHINE -> "This machine";
      case NEIGHBOURS -> "Programs and maps of others";
      case BEHAVIOUR -> "What applications see of redirected connections";
    };
  }

  private static List<String> lines(List<Finding> same, int names) {
    var finding = same.getFirst();
    var name = same.size() == 1 ? finding.check() : same.size() + " checks";
    var first = ("  %-9s  %-" + names + "s  ").formatted(words(finding.verdict()), name);
    var indent = " ".repeat(first.length());
    var lines = wrap(finding.notice(), first, indent);
    if (same.size() > 1) {
      var checks = same.stream().map(Finding::check).collect(Collectors.joining(", ", "(", ")"));
      lines.addAll(wrap(checks, indent, indent));
    }
    if (!finding.remedy().isEmpty()) {
      lines.addAll(wrap(finding.remedy(), indent + "-> ", indent + "   "));
    }
    return lines;
  }

  private static List<String> wrap(String text, String first, String others) {
    var lines = new ArrayList<String>();
    var line = new StringBuilder(first);
    boolean empty = true;
    for (var word : text.strip().split("\\s+")) {
      if (!empty && line.length() + 1 + word.length() > WIDTH) {
        lines.add(line.toString());
        line = new StringBuilder(others);
        empty = true;
      }
      line.append(empty ? "" : " ").append(word);
      empty = false;
    }
    lines.add(line.toString());
    return lines;
  }

  private static String conclusion(Diagnosis diagnosis) {
    var refused =
        diagnosis.findings().stream()
            .filter(finding -> finding.verdict() == Verdict.REFUSED)
            .map(Finding::check)
            .toList();
    if (!refused.isEmpty()) {
      return "The data path can't work here: " + String.join(", ", refused);
    }
    if (count(diagnosis, Verdict.OK) == 0) {
      return "The data path can work here. What applications would notice could not be tried.";
    }
    return "The data path can work here. Applications can notice %d differences."
        .formatted(count(diagnosis, Verdict.DIFFERS));
  }

  private static long count(Diagnosis diagnosis, Verdict verdict) {
    return diagnosis.findings().stream()
        .filter(finding -> finding.area() == Finding.Area.BEHAVIOUR)
        .filter(finding -> finding.verdict() == verdict)
        .count();
  }

  private static String words(Verdict verdict) {
    return verdict.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
