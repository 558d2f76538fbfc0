// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class OutputOfToolsTest {
  private static final String REDIS =
      """
      "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
      "GET","11111.11","4.370","0.184","4.183","7.095","10.055","13.591"
      """;

  private static final String H2LOAD =
      """
      finished in 2.00s, 22222.50 req/s, 1.67MB/s
      requests: 44445 total, 44545 started, 44445 done, 44445 succeeded, 0 failed, 0 errored, 0 timeout
      status codes: 44445 2xx, 0 3xx, 0 4xx, 0 5xx
                           min         max         mean         sd        +/- sd
      time for request:      234us     12.34ms      4.50ms      1.20ms    70.00%
      time for connect:       12us       345us       100us        50us    60.00%
      """;

  @Test
  void whatRedisBenchmarkMeasuredIsReadByTheNamesOfItsColumns() {
    var figures = Redis.figures(REDIS);
    assertThat(figures.values()).containsExactly(11111.11, 4183.0, 10055.0);
    assertThat(figures.keySet()).extracting(Object::toString).contains("commands, 1/s", "p99, µs");
  }

  @Test
  void redisBenchmarkThatSaysNothingIsNoMeasurement() {
    assertThatThrownBy(() -> Redis.figures("Could not connect\n"))
        .isInstanceOf(UnprovedException.class)
        .hasMessageContaining("Could not connect");
  }

  @Test
  void whatH2loadMeasuredIsRead() {
    assertThat(H2Load.figures(H2LOAD, 888_900_000).values()).containsExactly(22222.5, 4500.0, 20.0);
  }

  @Test
  void requestsThatFailedAreNoMeasurement() {
    assertThatThrownBy(() -> H2Load.figures(H2LOAD.replace("0 failed", "3 failed"), 0))
        .isInstanceOf(UnprovedException.class)
        .hasMessageContaining("3 failed");
    assertThatThrownBy(() -> H2Load.figures(H2LOAD.replace("0 timeout", "1 timeout"), 0))
        .isInstanceOf(UnprovedException.class);
    assertThatThrownBy(
            () ->
                H2Load.figures(
                    H2LOAD.replace("44445 2xx", "44444 2xx").replace("0 4xx", "1 4xx"), 0))
        .isInstanceOf(UnprovedException.class);
  }

  @Test
  void sizesAreToldInTheLargestUnitThatFits() {
    assertThat(Sizes.text(36)).isEqualTo("36 B");
    assertThat(Sizes.text(16 << 10)).isEqualTo("16 KiB");
    assertThat(Sizes.text(1 << 20)).isEqualTo("1 MiB");
    assertThat(Sizes.text(1500)).isEqualTo("1500 B");
    assertThat(Sizes.count(1, "connection")).isEqualTo("1 connection");
    assertThat(Sizes.count(10, "connection")).isEqualTo("10 connections");
  }
}
