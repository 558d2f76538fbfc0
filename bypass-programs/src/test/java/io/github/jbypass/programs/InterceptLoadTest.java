// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.SocketKey;
import io.github.jbypass.programs.testing.Acceptor;
import io.github.jbypass.programs.testing.Background;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Host;
import io.github.jbypass.programs.testing.OriginalDestination;
import io.github.jbypass.programs.testing.PosixSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Two pods whose applications connect to their sidecars over loopback devices of their own, from
 * the same ports to the same ports: every connection says where it meant to go.
 */
class InterceptLoadTest extends InterceptionTest {
  private static final int CONNECTIONS = 100_000;
  private static final int CALLERS = 50;
  private static final int SERVICES = 200;

  @Test
  void noOriginalDestinationIsEverWrongOrMissing() {
    intercept();
    for (Host host : List.of(client, server)) {
      host.namespace().sysctl("ipv4/ip_local_port_range", "20000 24999");
      // A RST that crosses the server's FIN_WAIT2 is lost; over IPv6 the next SYN can't mend that.
      host.namespace().sysctl("ipv4/tcp_fin_timeout", "1");
    }
    List<Acceptor> sidecars = new ArrayList<>();
    for (Host host : List.of(client, server)) {
      sidecars.add(startSidecar(host, Family.IPV4));
      sidecars.add(startSidecar(host, Family.IPV6));
    }
    List<CompletableFuture<Void>> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      int number = i;
      callers.add(Background.run(() -> call(number)));
    }
    callers.forEach(CompletableFuture::join);

    sidecars.forEach(Acceptor::throwFailures);
    LongStream accepted = sidecars.stream().mapToLong(Acceptor::accepted);
    assertEquals(CONNECTIONS, accepted.sum());
    assertEquals(0, bypass.counters().get(Counter.DESTINATION_LOST));
    for (String map : List.of("dialled", "original_destinations", "sockets", "proxies")) {
      Eventually.assertBecomes(0, () -> entries(map), "entries left in " + map);
    }
    assertTrue(entries("handshakes") < 100, "handshakes that nobody took part in");
  }

  private void call(int caller) {
    Host from = caller % 2 == 0 ? client : server;
    Host to = caller % 2 == 0 ? server : client;
    Family family = caller / 2 % 2 == 0 ? Family.IPV4 : Family.IPV6;
    for (int i = 0; i < CONNECTIONS / CALLERS; i++) {
      InetSocketAddress target =
          (i % 3 == 0 ? stranger : to).at(family, 1 + (i * 7 + caller) % SERVICES);
      try (PosixSocket socket = from.client(family).resetOnClose()) {
        socket.connect(target);
        byte[] intention = encode(target);
        socket.sendAll(intention);
        assertArrayEquals(intention, socket.receiveFully(intention.length));
      }
    }
  }

  private Acceptor startSidecar(Host host, Family family) {
    long cookie = host.networkNamespace().cookie();
    int length = family == Family.IPV4 ? 6 : 18;
    return resources.add(
        Acceptor.start(
            host.listenOnLoopback(family, OUTBOUND),
            accepted -> {
              byte[] intention = accepted.receiveFully(length);
              var key = new SocketKey(cookie, accepted.localAddress(), accepted.peerAddress());
              assertSame(intention, OriginalDestination.of(accepted));
              assertSame(intention, bypass.originalDestinations().get(key));
              accepted.sendAll(intention);
            }));
  }

  private static void assertSame(byte[] intention, Optional<InetSocketAddress> told) {
    assertArrayEquals(intention, encode(told.orElseThrow()));
  }

  private static byte[] encode(InetSocketAddress address) {
    byte[] ip = address.getAddress().getAddress();
    return ByteBuffer.allocate(ip.length + 2).put(ip).putShort((short) address.getPort()).array();
  }
}
