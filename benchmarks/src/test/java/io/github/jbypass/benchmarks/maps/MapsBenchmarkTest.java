// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.jbypass.benchmarks.results.Machine;
import io.github.jbypass.benchmarks.results.Result;
import io.github.jbypass.core.UpdateMode;
import io.github.jbypass.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every benchmark runs, and does what it says: the figures are of no interest here. */
class MapsBenchmarkTest {
  @BeforeAll
  static void sideBySide() {
    System.setProperty("jmh.ignoreLock", "true"); // nothing is measured
  }

  static List<Case> cases() {
    return Case.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  @KernelTest
  void everyVariantOfEveryCaseDoesItsWork(Case one) throws Exception {
    var figures = Rounds.TRIAL.measure(List.of(one), _ -> {}).get(one);

    assertThat(figures.keySet()).containsExactlyInAnyOrderElementsOf(one.variants());
    assertThat(figures.values()).allMatch(figure -> figure.median() > 0);
  }

  @Test
  void everyCaseHasAWayOfOursAndOneInC() {
    assertThat(cases())
        .allMatch(one -> one.variants().contains(Variant.C))
        .allMatch(one -> one.variants().stream().anyMatch(Variant::isOurs))
        .doesNotHaveDuplicates();
    assertThat(cases()).hasSizeGreaterThan(50);
  }

  @Test
  void everyBatchIsComparedWithASingleOperationThatIsMeasured() {
    assertThat(cases())
        .filteredOn(one -> !Double.isNaN(one.scenario().goal.speedup()))
        .isNotEmpty()
        .allMatch(one -> cases().contains(one.single()));
  }

  @Test
  @KernelTest
  void aLookupThatFindsTooLittleIsNoFigure() {
    var hits = new LookupHit();
    hits.kind = MapKind.HASH;
    hits.open();
    try (var arena = Arena.ofConfined()) {
      var key = arena.allocateFrom(ValueLayout.JAVA_INT, 5);
      hits.filled.map.delete(key);

      assertThatThrownBy(hits::memory).hasMessageContaining("the sum of what was found");
      assertThatThrownBy(hits::numbers).hasMessageContaining("the sum of what was found");
      assertThatThrownBy(hits::c).hasMessageContaining("the sum of what was found");

      var value = arena.allocateFrom(ValueLayout.JAVA_LONG, hits.filled.contents[5]);
      hits.filled.map.update(key, value, UpdateMode.NO_EXIST);
      assertThat(hits.memory()).isEqualTo(hits.c());
    } finally {
      hits.close();
    }
  }

  @Test
  void aLineSaysWhichGoalsItMisses() {
    var one = new Case(Scenario.LOOKUP_HIT, Map.of("kind", "HASH"));
    var c = figures(100, 0);

    assertThat(line(one, figures(104, 0), c).missed()).isEmpty();
    assertThat(line(one, figures(104, 0), c))
        .hasToString(
            "| lookup, hit: HASH | MemorySegment | 104.0 | 0.0 | 0.0 | 100.0 | 1.04 | – | – | met |");
    assertThat(line(one, figures(106, 24), c).missed())
        .containsExactly("24.0 B/op, not 0", "1.06 × C, not 1.05");
  }

  @Test
  void aBatchHasToBeatTheSingleOperation() {
    var single = new Case(Scenario.LOOKUP_HIT, Map.of("kind", "HASH"));
    var batch = new Case(Scenario.BATCH_LOOKUP, Map.of("kind", "HASH", "batch", "64"));
    var measured =
        Map.of(
            single, Map.of(Variant.MEMORY, figures(100, 0), Variant.C, figures(100, 0)),
            batch, Map.of(Variant.MEMORY, figures(25, 0), Variant.C, figures(25, 0)));

    assertThat(Line.of(measured))
        .filteredOn(line -> line.what().equals(batch))
        .singleElement()
        .satisfies(
            line ->
                assertThat(line.missed()).containsExactly("4.0 × faster than one by one, not 8"));
  }

  @Test
  void aReportHasAllFiguresAndTellsWhatWasMissed() {
    var single = new Case(Scenario.LOOKUP_HIT, Map.of("kind", "HASH"));
    var figures = Map.of(Variant.MEMORY, figures(100, 0), Variant.C, figures(90, 0));

    var report =
        MapsResults.report(
            Map.of(single, figures), new Machine("a", 2, 4, "6.1", "25"), "./bypass bench maps");

    assertThat(report.results())
        .extracting(Result::variant, result -> result.metric().name(), Result::median)
        .containsExactly(
            tuple("C", "time", 90.0),
            tuple("MemorySegment", "time", 100.0),
            tuple("MemorySegment", "allocated", 0.0));
    assertThat(report.notes())
        .containsExactly("lookup, hit: HASH, MemorySegment: 1.11 × C, not 1.05");
  }

  private static Line line(Case one, Figures ours, Figures c) {
    return new Line(one, Variant.MEMORY, ours, c, null, Double.NaN);
  }

  private static Figures figures(double nanoseconds, double bytes) {
    return new Figures(List.of(nanoseconds, nanoseconds, nanoseconds), List.of(bytes));
  }
}
