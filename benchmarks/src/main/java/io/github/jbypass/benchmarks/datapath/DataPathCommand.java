// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.datapath.Setting.Extent;
import io.github.jbypass.benchmarks.results.Machine;
import io.github.jbypass.benchmarks.results.Report;
import io.github.jbypass.benchmarks.results.ResultsDirectory;
import io.github.jbypass.core.BpfException;
import io.github.jbypass.examples.Termination;
import io.github.jbypass.examples.rig.RigException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./bypass bench data-path}: sockets and proxies with jbypass, and without. */
@Command(
    name = "data-path",
    description = {
      "Measures real sockets and real proxies beside their baselines, in one run:",
      "every variant in each round, medians. Nothing else should run meanwhile. All of it",
      "takes some 25 minutes, with --quick 4. benchmarks/README.md tells what the",
      "sections are and how to read them."
    })
public final class DataPathCommand implements Callable<Integer> {
  enum Part {
    ROUND_TRIP(RoundTrips::new),
    STREAMS(Streams::new),
    HTTP(Http::new),
    CLOSE(ShortConnections::new),
    REDIS(Redis::new),
    HTTP2(Http2::new),
    LIMIT(LocalLimit::new),
    SCALING(Scaling::new),
    COST(ProgramCost::new),
    START(Startup::new);

    private final Supplier<Section> section;

    Part(Supplier<Section> section) {
      this.section = section;
    }

    Section section() {
      return section.get();
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  private boolean help;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "SECTIONS",
      description = "Some of ${COMPLETION-CANDIDATES}; all unless given.")
  private Set<Part> parts = EnumSet.allOf(Part.class);

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How often each variant is measured (3; with --quick 1).")
  private @Nullable Integer rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description =
          "How long each load takes; shorter things take a part of it (2; with --quick 1).")
  private @Nullable Integer seconds;

  @Option(
      names = "--quick",
      description = "Fewer scenarios, a round each: whether all is well, not how well.")
  private boolean quick;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = {
        "Where each section's JSON, tables and charts go: benchmarks/results;",
        "with --quick benchmarks/target/results."
      })
  private @Nullable Path output;

  /** Read from the command line. */
  public DataPathCommand() {}

  @Override
  public Integer call() throws Exception {
    Termination.interruptsThisThread();
    var setting = setting();
    var directory = output != null ? output : ResultsDirectory.of(quick);
    var machine = Machine.here();
    System.out.println(machine + "\n");
    var failed = EnumSet.noneOf(Part.class);
    for (var part : Part.values()) {
      if (parts.contains(part)) {
        try {
          var report = report(part, setting, machine);
          System.out.println(report.text());
          report.write(directory);
        } catch (UnprovedException | RigException | BpfException | IOException e) {
          // The others are worth having, but this one must not pass for measured.
          System.err.println(part + " FAILED: " + e.getMessage());
          failed.add(part);
        }
      }
    }
    System.out.println("in " + directory);
    if (!failed.isEmpty()) {
      System.err.println("not measured: " + failed);
    }
    return failed.isEmpty() ? 0 : 1;
  }

  private Report report(Part part, Setting setting, Machine machine) throws Exception {
    var findings = new Findings(text -> System.err.println(part + ": " + text));
    var section = part.section();
    section.run(setting, findings);
    Goal.verdicts(section.goals(), findings.results()).forEach(findings::note);
    var command = command(part, setting);
    return new Report(part.toString(), machine, command, findings.results(), findings.notes());
  }

  private Setting setting() {
    int n = rounds != null ? rounds : quick ? 1 : 3;
    int s = seconds != null ? seconds : quick ? 1 : 2;
    if (n < 1 || s < 1) {
      throw new ParameterException(spec.commandLine(), "--rounds and --seconds are at least 1");
    }
    return new Setting(n, Duration.ofSeconds(s), quick ? Extent.QUICK : Extent.FULL);
  }

  /** By which a section can be measured again as it was. */
  private String command(Part part, Setting setting) {
    return "./bypass bench data-path --only %s%s --rounds %d --seconds %d"
        .formatted(part, quick ? " --quick" : "", setting.rounds(), setting.seconds());
  }
}
