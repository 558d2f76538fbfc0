// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks;

import io.github.jbypass.benchmarks.maps.MapsCommand;
import io.github.jbypass.examples.Termination;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bypass bench}: the figures of the README, as tables in Markdown. */
@Command(
    name = "bypass bench",
    subcommands = MapsCommand.class,
    description = {
      "Measures jbypass beside its baselines, in one run: every variant in each round, medians.",
      "Nothing else should run meanwhile. All of it takes about ten minutes."
    })
public final class Main implements Callable<Integer> {
  private enum Part {
    LOOPBACK,
    MESH,
    INTERCEPT,
    COST
  }

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  private boolean help;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "PARTS",
      description = "Some of ${COMPLETION-CANDIDATES}; all unless given.")
  private Set<Part> parts = EnumSet.allOf(Part.class);

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often each variant is measured (${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "2",
      description = "How long each time (${DEFAULT-VALUE}).")
  private int seconds;

  private Main() {}

  /** Runs the benchmarks; exits with 0 if all could be measured. */
  public static void main(String[] args) throws InterruptedException {
    var commandLine = new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
    Termination.runAndExit(() -> commandLine.execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Termination.interruptsThisThread();
    if (rounds < 1 || seconds < 1) {
      System.err.println("bypass bench: --rounds and --seconds are at least 1");
      return 2;
    }
    if (parts.contains(Part.LOOPBACK)) {
      new LoopbackBenchmark(System.out, rounds, Duration.ofSeconds(seconds)).run();
    }
    if (parts.contains(Part.MESH)) {
      new MeshBenchmark(System.out, rounds, seconds).run();
    }
    if (parts.contains(Part.INTERCEPT)) {
      new InterceptBenchmark(System.out, rounds, seconds).run();
    }
    if (parts.contains(Part.COST)) {
      new CostBenchmark(System.out, seconds).run();
    }
    return 0;
  }
}
