// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {
  @ParameterizedTest
  @CsvSource({"0, 0", "65536, 65536", "256KiB, 262144", "1MiB, 1048576"})
  void bytesMayHaveAUnit(String text, long bytes) {
    assertThat(Sizes.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "many", "-1", "1.5MiB", "1MB", "1 MiB", "KiB", "9999999999999"})
  void whatIsNoSizeIsNamed(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sizes.parse(text))
        .withMessageStartingWith("'%s' is not a number of bytes", text);
  }
}
