// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.benchmarks.datapath.Setting.Extent;
import io.github.jbypass.benchmarks.results.Machine;
import io.github.jbypass.benchmarks.results.Report;
import io.github.jbypass.benchmarks.results.Result;
import io.github.jbypass.testing.KernelTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every section in miniature: what it says is meaningless, but it can still say it. */
@KernelTest
class SectionsTest {
  private static final Setting MINIATURE = new Setting(1, Duration.ofMillis(100), Extent.SMOKE);

  @ParameterizedTest
  @EnumSource
  void aSectionMeasuresEachOfItsVariants(DataPathCommand.Part part, @TempDir Path directory)
      throws Exception {
    var findings = new Findings(_ -> {});

    part.section().run(MINIATURE, findings);

    var results = findings.results();
    assertThat(results).extracting(Result::variant).containsAll(variants(part));
    assertThat(results).allMatch(result -> result.values().size() == 1);
    assertThat(results)
        .filteredOn(result -> !result.metric().unit().equals("s/GB")) // in ticks of 10 ms
        .allMatch(result -> result.median() > 0);
    new Report(part.toString(), Machine.here(), "a test", results, findings.notes())
        .write(directory);
    assertThat(directory).isDirectoryContaining("glob:**/" + part + "-*.svg");
  }

  private static List<String> variants(DataPathCommand.Part part) {
    return switch (part) {
      case ROUND_TRIP, STREAMS ->
          List.of("TCP", "AF_UNIX", "plain", "redirect always", "accelerated", "intercepted");
      case HTTP, CLOSE, REDIS, HTTP2 ->
          List.of("plain", "redirect always", "accelerated", "intercepted");
      case LIMIT -> List.of("plain", "redirect always", "accelerated", "intercepted", "AF_UNIX");
      case SCALING -> List.of("TCP", "accelerated", "no programs", "in the cgroup, in no pod");
      case COST -> List.of("accelerated", "intercepted");
      case START -> List.of("cold");
    };
  }
}
