// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class LoadResultTest {
  private static final String CLEAN =
      """
      Running 2s test @ http://10.44.0.2:80/64
        1 threads and 10 connections
        Thread Stats   Avg      Stdev     Max   +/- Stdev
          Latency   317.50us  250.35us  10.51ms   98.51%
          Req/Sec    31.32k     3.08k   35.46k    70.00%
        Latency Distribution
           50%  294.00us
           75%  333.00us
           90%  392.00us
           99%    1.07ms
        62302 requests in 2.00s, 17.77MB read
      Requests/sec:  31104.02
      Transfer/sec:      8.87MB
      """;

  @Test
  void figuresAreRead() {
    assertThat(LoadResult.parse(CLEAN)).isEqualTo(new LoadResult(62302, 31104.02, 294, 1070, 0));
  }

  @Test
  void socketErrorsAndBadAnswersAreAddedUp() {
    String troubled =
        CLEAN.replace(
            "Requests/sec",
            """
              Socket errors: connect 1, read 2, write 3, timeout 4
              Non-2xx or 3xx responses: 100
            Requests/sec""");
    assertThat(LoadResult.parse(troubled).errors()).isEqualTo(110);
  }

  @Test
  void timesMayBeSeconds() {
    String slow = CLEAN.replace("294.00us", "1.50s").replace("1.07ms", "1.20m");
    assertThat(LoadResult.parse(slow))
        .extracting(LoadResult::medianMicros, LoadResult::p99Micros)
        .containsExactly(1_500_000L, 72_000_000L);
  }

  @Test
  void outputWithoutFiguresIsShown() {
    assertThatThrownBy(() -> LoadResult.parse("unable to connect to 10.44.0.2:80"))
        .isInstanceOf(RigException.class)
        .hasMessageContaining("unable to connect");
  }

  @Test
  void eachFigureHasItsOwnMedian() {
    List<LoadResult> rounds =
        List.of(
            new LoadResult(10, 5, 900, 1, 0),
            new LoadResult(20, 9, 100, 3, 1),
            new LoadResult(30, 7, 500, 2, 2));
    assertThat(LoadResult.median(rounds)).isEqualTo(new LoadResult(60, 7, 500, 2, 3));
    assertThat(LoadResult.median(rounds.subList(0, 2))).isEqualTo(new LoadResult(30, 7, 500, 2, 1));
  }
}
