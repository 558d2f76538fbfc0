// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.benchmarks.results.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Goals judge medians by the direction of their metric, and say what is missing. */
class GoalTest {
  private static final Metric RATE = Metric.more("requests", "1/s");
  private static final Metric TIME = Metric.less("p99", "µs");
  private static final List<Result> RESULTS =
      List.of(
          result("few", "plain", RATE, 100),
          result("few", "ours", RATE, 150),
          result("few", "plain", TIME, 10),
          result("few", "ours", TIME, 12),
          result("many", "plain", RATE, 200),
          result("many", "ours", RATE, 240));

  private static Result result(String scenario, String variant, Metric metric, double value) {
    return new Result("topic", scenario, variant, metric, List.of(value));
  }

  @Test
  void aRateIsToBeAtLeastAMultipleOfTheOthersInTheSameScenario() {
    assertThat(verdicts(Goal.beside(RATE, "ours", "plain", 1.5)))
        .containsExactly(
            "goals met: 1 of 2", "missed: topic, many, requests: ours 1.20 × plain, not 1.50");
  }

  @Test
  void aTimeIsToBeAtMostThatMultiple() {
    assertThat(verdicts(Goal.beside(TIME, "ours", "plain", 1)))
        .containsExactly(
            "goals met: 0 of 1", "missed: topic, few, p99: ours 1.20 × plain, not 1.00");
  }

  @Test
  void aFigureCanBeJudgedByItselfOrBesideAnotherScenario() {
    assertThat(
            verdicts(
                Goal.alone(TIME, "ours", 11),
                Goal.flat(RATE, "ours", "few", 1.7)
                    .where(result -> result.scenario().equals("many"))))
        .containsExactly(
            "goals met: 0 of 2",
            "missed: topic, few, p99: ours 12.00 µs, not 11.00",
            "missed: topic, many, requests: ours 1.60 × that at few, not 1.70");
  }

  @Test
  void nothingIsSaidOfGoalsForWhatWasNotMeasured() {
    assertThat(verdicts(Goal.beside(RATE, "theirs", "plain", 1))).isEmpty();
  }

  @Test
  void aMissTellsInHowManyRoundsItWasNone() {
    var results =
        List.of(
            new Result("topic", "few", "plain", RATE, List.of(100.0, 100.0, 110.0)),
            new Result("topic", "few", "ours", RATE, List.of(99.0, 101.0, 90.0)));
    assertThat(Goal.verdicts(List.of(Goal.beside(RATE, "ours", "plain", 1)), results))
        .containsExactly(
            "goals met: 0 of 1, 1 more in some of the rounds",
            "missed: topic, few, requests: ours 0.99 × plain, not 1.00, but in 1 of 3 rounds");
  }

  private static List<String> verdicts(Goal... goals) {
    return Goal.verdicts(List.of(goals), RESULTS);
  }
}
