// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0/8",
    "0.0.0.0/0, 0.0.0.0/0",
    "10.1.2.3, 10.1.2.3/32",
    "fd00::/8, fd00:0:0:0:0:0:0:0/8",
    "::/0, 0:0:0:0:0:0:0:0/0",
    "::1, 0:0:0:0:0:0:0:1/128",
    "::ffff:10.0.0.0/104, 10.0.0.0/8",
    "::ffff:10.1.2.3, 10.1.2.3/32"
  })
  void reads(String text, String meaning) {
    assertThat(Cidr.parse(text)).hasToString(meaning);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/", "10.0.0.0/", "/8", "10.0.0.0/x", "10.0.0/8/8", "example.org", "::g/8"})
  void refusesWhatIsNoNetworkAndNeverAsksDns(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cidr.parse(text))
        .withMessageContaining("'" + text + "' is not a network such as");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/33", "10.0.0.0/-1", "fd00::/129", "::ffff:10.0.0.0/8"})
  void refusesPrefixesThatDoNotFit(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cidr.parse(text))
        .withMessageContaining("the prefix length must be between 0 and");
  }

  @Test
  void saysWhatNetworkWasProbablyMeant() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cidr.parse("10.1.2.3/12"))
        .withMessage(
            "10.1.2.3/12: the address has bits beyond the prefix; did you mean 10.0.0.0/12?");
  }
}
