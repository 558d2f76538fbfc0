// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.testing.KernelTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LoopbackEchoTest {
  @KernelTest
  @Test
  void everyMessageOfTheSecondRunIsRedirected() throws Exception {
    try (Child echo = Child.start("echo")) {
      assertThat(echo.line()).startsWith("plain:");
      assertThat(echo.line()).startsWith("accelerated:");
      assertThat(echo.line()).contains("redirected=40000", "connections_paired=1");
      assertThat(echo.status()).isZero();
    }
  }
}
