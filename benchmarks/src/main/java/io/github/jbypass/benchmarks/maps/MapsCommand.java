// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import io.github.jbypass.benchmarks.results.Machine;
import io.github.jbypass.benchmarks.results.ResultsDirectory;
import io.github.jbypass.examples.Termination;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bypass bench maps}. */
@Command(
    name = "maps",
    description = {
      "Measures operations on BPF maps beside the same loops in C over libbpf, and rawbpf.",
      "Nothing else should run meanwhile. All of it takes about twelve minutes."
    })
public final class MapsCommand implements Callable<Integer> {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  private boolean help;

  @Option(
      names = "--quick",
      description = "In two minutes: one size of maps and batches, one round, shorter ones.")
  private boolean quick;

  @Option(
      names = "--only",
      paramLabel = "PATTERN",
      description =
          "Only operations in whose names this regular expression is found, such as"
              + " 'lookup, hit' or 'SOCKHASH'.")
  private @Nullable Pattern only;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Where maps.json, maps.md and the charts go: benchmarks/results unless given, or, of less"
              + " than a full run, benchmarks/target/results.")
  private @Nullable Path output;

  /** Measures what the options choose. */
  public MapsCommand() {}

  @Override
  public Integer call() throws Exception {
    Termination.interruptsThisThread();
    var cases =
        Case.all().stream()
            .filter(one -> !quick || one.isQuick())
            .filter(one -> only == null || only.matcher(one.toString()).find())
            .toList();
    if (cases.isEmpty()) {
      System.err.println("bypass bench maps: nothing is called " + only + "; there are");
      Case.all().forEach(one -> System.err.println("  " + one));
      return 2;
    }
    long start = System.nanoTime();
    Map<Case, Map<Variant, Figures>> measured;
    try {
      measured = (quick ? Rounds.QUICK : Rounds.FULL).measure(cases, System.err::println);
    } catch (RunnerException e) {
      if (!Termination.isRequested()) {
        throw e;
      }
      System.err.println("bypass bench maps: stopped; nothing is written");
      return 1;
    }
    var machine = Machine.here();
    print(Line.of(measured), machine, Duration.ofNanos(System.nanoTime() - start));

    boolean passing = quick || only != null;
    var directory = output == null ? ResultsDirectory.of(passing) : output;
    var command = "./bypass bench maps" + (quick ? " --quick" : "");
    MapsResults.report(measured, machine, command).write(directory);
    System.out.println("Written to " + directory);
    return 0;
  }

  private static void print(List<Line> lines, Machine machine, Duration time) {
    System.out.println(machine);
    System.out.println();
    System.out.println(Line.HEADER);
    lines.forEach(System.out::println);
    long missed = lines.stream().filter(line -> !line.missed().isEmpty()).count();
    System.out.printf(
        Locale.ROOT,
        "%n%d of %d lines reach their goals. %d s.%n",
        lines.size() - missed,
        lines.size(),
        time.toSeconds());
  }
}
