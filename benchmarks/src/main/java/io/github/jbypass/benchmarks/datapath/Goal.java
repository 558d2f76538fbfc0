// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.benchmarks.results.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What figures of a variant are to reach, at least or at most as their metric has it: by
 * themselves, or as a multiple of others.
 *
 * @param results which figures
 * @param baseline which of all figures such a one is compared with; none if with a number
 * @param than what that is called
 */
record Goal(Predicate<Result> results, Optional<Beside> baseline, String than, double limit) {
  /** Tells figures to compare with. */
  interface Beside {
    boolean is(Result baseline, Result result);
  }

  /** A multiple of another variant's. */
  static Goal beside(Metric metric, String variant, String other, double limit) {
    Beside beside =
        (baseline, result) ->
            baseline.variant().equals(other) && baseline.scenario().equals(result.scenario());
    return new Goal(of(metric, variant), Optional.of(beside), " × " + other, limit);
  }

  /** A multiple of the same variant's in another scenario. */
  static Goal flat(Metric metric, String variant, String scenario, double limit) {
    Beside beside =
        (baseline, result) ->
            baseline.variant().equals(variant) && baseline.scenario().equals(scenario);
    return new Goal(of(metric, variant), Optional.of(beside), " × that at " + scenario, limit);
  }

  /** In the metric's unit. */
  static Goal alone(Metric metric, String variant, double limit) {
    return new Goal(of(metric, variant), Optional.empty(), " " + metric.unit(), limit);
  }

  private static Predicate<Result> of(Metric metric, String variant) {
    return result -> result.metric().equals(metric) && result.variant().equals(variant);
  }

  /** Only of some of the figures. */
  Goal where(Predicate<Result> some) {
    return new Goal(results.and(some), baseline, than, limit);
  }

  /**
   * Says which goals are missed by how much, in how many rounds they were reached all the same (by
   * chance, then, or missed by chance), and how many there were.
   */
  static List<String> verdicts(List<Goal> goals, List<Result> results) {
    var missed = goals.stream().flatMap(goal -> goal.missed(results).stream()).toList();
    long all = goals.stream().mapToLong(goal -> goal.of(results).size()).sum();
    if (all == 0) {
      return List.of();
    }
    long sometimes = missed.stream().filter(miss -> miss.rounds > 0).count();
    var verdicts = new ArrayList<String>();
    verdicts.add(
        "goals met: %d of %d".formatted(all - missed.size(), all)
            + (sometimes > 0 ? ", %d more in some of the rounds".formatted(sometimes) : ""));
    missed.forEach(miss -> verdicts.add(miss.text));
    return List.copyOf(verdicts);
  }

  /**
   * A goal that the medians miss.
   *
   * @param rounds in how many it was reached
   */
  private record Miss(String text, long rounds) {}

  private List<Result> of(List<Result> all) {
    return all.stream().filter(results).toList();
  }

  private List<Miss> missed(List<Result> all) {
    return of(all).stream()
        .filter(result -> !isMet(result, reached(result, all)))
        .map(result -> miss(result, all))
        .toList();
  }

  private Miss miss(Result result, List<Result> all) {
    var values = byRound(result, all);
    long rounds = values.stream().filter(value -> isMet(result, value)).count();
    var text =
        String.format(
            Locale.ROOT,
            "missed: %s, %s, %s: %s %.2f%s, not %.2f",
            result.topic(),
            result.scenario(),
            result.metric().name(),
            result.variant(),
            reached(result, all),
            than,
            limit);
    return new Miss(
        rounds > 0 ? text + ", but in %d of %d rounds".formatted(rounds, values.size()) : text,
        rounds);
  }

  private boolean isMet(Result result, double reached) {
    double told = Math.round(100 * reached) / 100.0; // to the digit that is shown
    return result.metric().moreIsBetter() ? told >= limit : told <= limit;
  }

  private double reached(Result result, List<Result> all) {
    return beside(result, all).map(result::ratioTo).orElse(result.median());
  }

  private List<Double> byRound(Result result, List<Result> all) {
    return beside(result, all).map(result::ratiosTo).orElse(result.values());
  }

  private Optional<Result> beside(Result result, List<Result> all) {
    return baseline.map(
        beside ->
            all.stream()
                .filter(other -> other.topic().equals(result.topic()))
                .filter(other -> other.metric().equals(result.metric()))
                .filter(other -> beside.is(other, result))
                .findFirst()
                .orElseThrow());
  }
}
