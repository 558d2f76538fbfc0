// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketKeyCodecTest {
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "255.255.255.255", "0.0.0.0", "fd00::1", "::1", "::"})
  void decodesWhatItEncoded(String address) {
    var key =
        new SocketKey(
            0xfedc_ba98_7654_3210L,
            new InetSocketAddress(InetAddress.ofLiteral(address), 65535),
            new InetSocketAddress(InetAddress.ofLiteral(address), 1));
    try (var arena = Arena.ofConfined()) {
      var memory = arena.allocate(SocketKeyCodec.SIZE, Long.BYTES).fill((byte) 0xff);
      SocketKeyCodec.encode(key, memory);
      assertThat(SocketKeyCodec.decode(memory)).isEqualTo(key);
    }
  }

  @Test
  void writesIpv4AsMappedIpv6InNetworkOrder() {
    var end = new InetSocketAddress(InetAddress.ofLiteral("1.2.3.4"), 80);
    try (var arena = Arena.ofConfined()) {
      var memory = arena.allocate(SocketKeyCodec.SIZE, Long.BYTES).fill((byte) 0xff);
      SocketKeyCodec.encode(new SocketKey(7, end, end), memory);
      assertThat(memory.toArray(ValueLayout.JAVA_BYTE))
          .startsWith(7, 0, 0, 0, 0, 0, 0, 0)
          .containsSubsequence(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 1, 2, 3, 4)
          .endsWith(80, 0, 80, 0, 0, 0, 0, 0);
    }
  }

  @Test
  void refusesNamesThatWereNotResolved() {
    var resolved = new InetSocketAddress(InetAddress.ofLiteral("::1"), 1);
    var unresolved = InetSocketAddress.createUnresolved("example.org", 80);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SocketKey(1, resolved, unresolved))
        .withMessageContaining("unresolved remote address");
  }
}
