// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortRangeTest {
  @Test
  void aPortIsARangeOfOne() {
    assertThat(PortRange.parse("443")).isEqualTo(new PortRange(443, 443));
  }

  @Test
  void aRangeHasBothEnds() {
    assertThat(PortRange.parse("1-65535")).isEqualTo(new PortRange(1, 65535));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "http", "0", "65536", "80-", "-80", "90-80", "1-2-3", "80 ", "99999999999"})
  void whatIsNoPortIsNamed(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PortRange.parse(text))
        .withMessageStartingWith("'%s' is neither a port", text);
  }

  @Test
  void portsOfOverlappingRangesAreListedOnce() {
    assertThat(PortRange.ports(List.of(new PortRange(80, 82), new PortRange(82, 83))))
        .containsExactly(80, 81, 82, 83);
  }

  @Test
  void noRangeMeansNoPorts() {
    assertThat(PortRange.ports(List.of())).isEmpty();
  }
}
