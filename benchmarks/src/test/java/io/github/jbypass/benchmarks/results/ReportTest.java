// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final Metric TIME = Metric.less("time", "µs");
  private static final Metric RATE = Metric.more("messages", "1/s");
  private static final Machine MACHINE = new Machine("A \"CPU\" <1>", 2, 8, "6.1", "25");

  private static Result result(String scenario, String variant, Metric metric, Double... values) {
    return new Result("over loopback", scenario, variant, metric, List.of(values));
  }

  private static final List<Result> RESULTS =
      List.of(
          result("64 B", "TCP", TIME, 12.0, 10.0, 14.0),
          result("64 B", "accelerated", TIME, 6.0),
          result("64 KiB", "TCP", TIME, 400.0, 300.0),
          result("64 B", "TCP", RATE, 100_000.0));

  private static final Report REPORT =
      new Report("round-trip", MACHINE, "./bypass bench data-path", RESULTS, List.of("no veth"));

  @Test
  void theMedianOfAnOddNumberOfRoundsIsTheOneInTheMiddle() {
    assertThat(RESULTS.get(0).median()).isEqualTo(12);
    assertThat(RESULTS.get(0).spread()).isEqualTo(2);
  }

  @Test
  void theMedianOfAnEvenNumberOfRoundsLiesBetweenTheTwoInTheMiddle() {
    assertThat(RESULTS.get(2).median()).isEqualTo(350);
    assertThat(RESULTS.get(2).spread()).isEqualTo(50);
  }

  @Test
  void aRatioIsThatOfEachRoundSoThatSlowRoundsDoNotCount() {
    var tcp = result("64 B", "TCP", RATE, 10.0, 20.0, 40.0);
    var ours = result("64 B", "accelerated", RATE, 15.0, 44.0, 60.0);
    assertThat(ours.ratiosTo(tcp)).containsExactly(1.5, 2.2, 1.5);
    assertThat(ours.ratioTo(tcp)).isEqualTo(1.5);
  }

  @Test
  void aRatioIsThatOfTheMediansWhereARoundIsMissing() {
    var tcp = result("64 B", "TCP", RATE, 10.0, 20.0, 40.0);
    var ours = result("64 B", "accelerated", RATE, 15.0, 45.0);
    assertThat(ours.ratioTo(tcp)).isEqualTo(1.5);
    assertThatThrownBy(() -> ours.ratiosTo(tcp)).hasMessage("accelerated in 2 rounds, TCP in 3");
  }

  @Test
  void whatIsNoFigureIsRefused() {
    assertThatThrownBy(() -> result("64 B", "TCP", TIME)).hasMessageContaining("no values");
    assertThatThrownBy(() -> result("64 B", "TCP", TIME, 1.0, Double.NaN))
        .hasMessageContaining("NaN is no figure");
    assertThatThrownBy(() -> result("64 B", "TCP", TIME, Double.POSITIVE_INFINITY))
        .hasMessageContaining("Infinity is no figure");
  }

  @Test
  void aTableComparesVariantsWithTheFirstOneAndShowsTheSpread() {
    assertThat(Tables.of(RESULTS))
        .isEqualTo(
            """
            | over loopback: time, µs |       TCP | accelerated | accelerated / TCP |
            |-------------------------|----------:|------------:|------------------:|
            | 64 B                    | 12.0 ±17% |        6.00 |              0.50 |
            | 64 KiB                  |  350 ±14% |           - |                 - |

            | over loopback: messages, 1/s |    TCP |
            |------------------------------|-------:|
            | 64 B                         | 100000 |
            """);
  }

  @Test
  void theJsonHasEveryValueAndTheMachine() {
    var json = JsonParser.parseString(REPORT.json()).getAsJsonObject();
    assertThat(json.get("section").getAsString()).isEqualTo("round-trip");
    assertThat(json.get("command").getAsString()).isEqualTo("./bypass bench data-path");
    assertThat(json.getAsJsonObject("machine").get("cpu").getAsString()).isEqualTo(MACHINE.cpu());
    assertThat(json.getAsJsonArray("notes").get(0).getAsString()).isEqualTo("no veth");
    var first = json.getAsJsonArray("results").get(0).getAsJsonObject();
    assertThat(first.get("unit").getAsString()).isEqualTo("µs");
    assertThat(first.get("median").getAsDouble()).isEqualTo(12);
    assertThat(first.getAsJsonArray("values")).hasSize(3);
    assertThat(json.getAsJsonArray("results")).hasSize(RESULTS.size());
  }

  @Test
  void aChartOfEachTopicIsXmlThatNamesItsScenariosVariantsAndMachine(@TempDir Path directory)
      throws Exception {
    Files.writeString(directory.resolve("round-trip-of-old.svg"), "");

    REPORT.write(directory);

    assertThat(names(directory))
        .containsExactlyInAnyOrder(
            "round-trip.json", "round-trip.md", "round-trip-over-loopback.svg");
    var chart = directory.resolve("round-trip-over-loopback.svg").toFile();
    var factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    var root = factory.newDocumentBuilder().parse(chart).getDocumentElement();
    assertThat(root.getTagName()).isEqualTo("svg");
    assertThat(root.getTextContent())
        .contains("over loopback: time, µs", "64 B", "64 KiB", "TCP", "accelerated", MACHINE.cpu());
  }

  @Test
  void thisMachineIsDescribedWithoutItsName() throws IOException {
    var machine = Machine.here();
    assertThat(machine.cpus()).isPositive();
    assertThat(machine.memory()).isPositive();
    assertThat(machine.toString())
        .contains("Linux " + System.getProperty("os.version"))
        .doesNotContain(Files.readString(Path.of("/proc/sys/kernel/hostname")).strip() + " ");
  }

  private static List<String> names(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
