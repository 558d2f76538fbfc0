// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.telling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoopbackAddressTest {
  @ParameterizedTest
  @CsvSource({
    "9404, 127.0.0.1, 9404",
    "0, 127.0.0.1, 0",
    "127.0.0.1:9404, 127.0.0.1, 9404",
    "127.8.9.1:65535, 127.8.9.1, 65535",
    "[::1]:9404, ::1, 9404",
    "[::ffff:127.0.0.1]:1, 127.0.0.1, 1",
  })
  void whatIsOfTheLoopbackInterfaceIsUnderstood(String text, String host, int port) {
    assertThat(LoopbackAddress.parse(text))
        .isEqualTo(new LoopbackAddress(InetAddress.ofLiteral(host), port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0:9404",
        "10.1.2.3:9404",
        "[::]:9404",
        "[2001:db8::1]:9404",
        "localhost:9404",
        "::1:9404",
        "127.0.0.1",
        "127.0.0.1:",
        ":9404",
        "65536",
        "-1",
        "127.1.1.1.1:80",
        "[]:80",
        "",
      })
  void anythingElseIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> LoopbackAddress.parse(text));
  }
}
