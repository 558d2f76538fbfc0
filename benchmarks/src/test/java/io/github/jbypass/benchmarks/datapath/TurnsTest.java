// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.jbypass.benchmarks.datapath.Setting.Extent;
import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.benchmarks.results.Result;
import io.github.jbypass.testing.KernelTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@KernelTest
class TurnsTest {
  private static final Metric TIME = Metric.less("time", "µs");

  private final Findings findings = new Findings(_ -> {});

  private Turns<Place> turns(int rounds, Place... places) {
    return new Turns<>(
        "topic",
        List.of(places),
        new Setting(rounds, Duration.ofMillis(10), Extent.SMOKE),
        findings);
  }

  @Test
  void eachRoundMeasuresEveryVariantAndBeginsWithAnotherOne() throws Exception {
    var order = new ArrayList<String>();
    var one = new Place("one", Connection::tcp);
    var other = new Place("other", Connection::tcp);

    turns(3, one, other)
        .measure(
            "scenario",
            Proof.REDIRECTS,
            place -> {
              order.add(place.name());
              return Map.of(TIME, (double) order.size());
            });

    assertThat(order).containsExactly("one", "other", "other", "one", "one", "other");
    assertThat(findings.results())
        .containsExactly(
            new Result("topic", "scenario", "one", TIME, List.of(1.0, 4.0, 5.0)),
            new Result("topic", "scenario", "other", TIME, List.of(2.0, 3.0, 6.0)));
  }

  @Test
  void aVariantWhoseProgramsDidNothingIsNotMeasured() throws Exception {
    try (var places = new LoopbackPlaces("idle")) {
      var turns = turns(1, places.tcp(), places.accelerated());
      assertThatThrownBy(() -> turns.measure("scenario", Proof.REDIRECTS, _ -> Map.of(TIME, 1.0)))
          .isInstanceOf(UnprovedException.class)
          .hasMessageContaining("topic, scenario, accelerated: the programs did not take part");
    }
    assertThat(findings.results()).isEmpty();
  }

  @Test
  void aPlainVariantInWhichProgramsTookPartIsNotMeasured() throws Exception {
    try (var places = new LoopbackPlaces("mistaken")) {
      var accelerated = places.accelerated();
      var turns = turns(1, new Place("plain", accelerated.opener()), accelerated);
      assertThatThrownBy(() -> turns.measure("scenario", Proof.REDIRECTS, TurnsTest::roundTrip))
          .isInstanceOf(UnprovedException.class)
          .hasMessageContaining("scenario, plain: the programs of 'accelerated' took part");
    }
  }

  private static Map<Metric, Double> roundTrip(Place place) throws Exception {
    try (var connection = place.opener().open()) {
      return Map.of(TIME, RoundTrip.micros(connection, 64, Duration.ofMillis(10)));
    }
  }
}
