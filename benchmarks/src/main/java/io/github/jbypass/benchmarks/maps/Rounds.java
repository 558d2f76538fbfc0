// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Has JMH measure cases. Each variant gets a JVM of its own in each round, and those of a case run
 * one after the other, beginning with another one each round: what disturbs one disturbs all.
 *
 * @param rounds how often
 * @param warmups iterations of {@code length} that don't count; C, compiled before, has one
 * @param iterations iterations that do
 * @param length of an iteration
 * @param forked whether in JVMs of their own; false to try out that everything works
 */
record Rounds(int rounds, int warmups, int iterations, TimeValue length, boolean forked) {
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  /** About eleven minutes. */
  static final Rounds FULL = new Rounds(2, 6, 5, TimeValue.milliseconds(100), true);

  /** Less than two minutes; for less than everything. */
  static final Rounds QUICK = new Rounds(1, 5, 3, TimeValue.milliseconds(60), true);

  /** Every operation a few times; the figures mean nothing. */
  static final Rounds TRIAL = new Rounds(1, 0, 1, TimeValue.milliseconds(1), false);

  /** Measures all; tells about each case before it is measured, for the first time. */
  Map<Case, Map<Variant, Figures>> measure(List<Case> cases, Consumer<String> progress)
      throws RunnerException {
    var all = new LinkedHashMap<Case, Map<Variant, Figures>>();
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < cases.size(); i++) {
        var one = cases.get(i);
        progress.accept(
            "round %d/%d, %d/%d: %s".formatted(round + 1, rounds, i + 1, cases.size(), one));
        measure(one, round, all.computeIfAbsent(one, _ -> new EnumMap<>(Variant.class)));
      }
    }
    return all;
  }

  private void measure(Case one, int round, Map<Variant, Figures> figures) throws RunnerException {
    var variants = one.variants();
    for (int turn = 0; turn < variants.size(); turn++) {
      var variant = variants.get((round + turn) % variants.size());
      var result = run(one, variant);
      var of =
          figures.computeIfAbsent(variant, _ -> new Figures(new ArrayList<>(), new ArrayList<>()));
      for (var fork : result.getBenchmarkResults()) {
        for (var iteration : fork.getIterationResults()) {
          of.samples().add(iteration.getPrimaryResult().getScore());
        }
      }
      var allocated = result.getSecondaryResults().get(ALLOCATED);
      if (allocated != null) { // a trial may be too short for it
        of.bytes().add(allocated.getScore());
      }
    }
  }

  private RunResult run(Case one, Variant variant) throws RunnerException {
    var method = one.scenario().benchmark.getName() + "." + variant.method();
    var options =
        new OptionsBuilder()
            .include("^" + Pattern.quote(method) + "$")
            .mode(Mode.AverageTime)
            .timeUnit(TimeUnit.NANOSECONDS)
            .forks(forked ? 1 : 0)
            .warmupIterations(variant == Variant.C ? Math.min(1, warmups) : warmups)
            .warmupTime(length)
            .measurementIterations(iterations)
            .measurementTime(length)
            .addProfiler(GCProfiler.class)
            .jvmArgsAppend(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSystemMemoryBarrier")
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    one.parameters().forEach(options::param);
    return new Runner(options.build()).runSingle();
  }
}
