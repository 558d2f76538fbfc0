// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A measurement that waits for bytes which never come ends, and says so. */
class TimeLimitTest {
  @Test
  void endsWhatWaitsForBytesThatNeverCome() throws Exception {
    try (var connection = Connection.tcp()) {
      assertThatThrownBy(
              () ->
                  TimeLimit.of(Duration.ofMillis(50), List.of(connection), () -> read(connection)))
          .isInstanceOf(UnprovedException.class)
          .hasMessageContaining("lost");
    }
  }

  private static byte read(Connection connection) throws IOException {
    var buffer = ByteBuffer.allocate(1);
    if (connection.server().read(buffer) < 0) {
      throw new IOException("the connection ended");
    }
    return buffer.get(0);
  }

  @Test
  void leavesAloneWhatEndsInTime() throws Exception {
    try (var connection = Connection.tcp()) {
      int answer = TimeLimit.of(Duration.ofMinutes(1), List.of(connection), () -> 42);

      assertThat(answer).isEqualTo(42);
      assertThat(connection.client().isOpen()).isTrue();
    }
  }
}
