// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "agent",
        "echo",
        "flows",
        "doctor",
        "disable",
        "enable",
        "drain",
        "uninstall"
      })
  void eachWordExplainsItself(String word) throws Exception {
    try (Child child = Child.start(word, "--help")) {
      assertThat(child.output()).startsWith("Usage: bypass " + word + " [-h]");
      assertThat(child.status()).isZero();
    }
  }
}
