// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowViewTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "9999, 9999 B",
    "10240, 10.0 KiB",
    "1572864, 1536.0 KiB",
    "9223372036854775807, 8388608.0 TiB"
  })
  void sizesHaveTheirUnit(long bytes, String text) {
    assertThat(FlowView.size(bytes)).isEqualTo(text);
  }

  @Test
  void addressesAreWrittenAsInUrls() {
    assertThat(FlowView.text(new InetSocketAddress(InetAddress.ofLiteral("::1"), 80)))
        .isEqualTo("[0:0:0:0:0:0:0:1]:80");
  }

  @Test
  void columnsAreAsWideAsWhatStandsInThem() {
    var table = new TextTable(1, "NAME", "N");
    table.add("a", 1000);
    table.add("longer", 1);
    assertThat(table.lines()).containsExactly("NAME       N", "a       1000", "longer     1");
  }
}
