// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jbypass.programs.testing.Content;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Namespace;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.SocketOption;
import io.github.jbypass.programs.testing.Talk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an enrolled socket sends over TCP all the same. */
class ParkingTest extends DataPathTest {
  private static final Content CONTENT = new Content(31);
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_INFO = 11;
  private static final int RTO_OFFSET = 8;
  private static final int ORDINARY_RTO = 200_000; // µs, the least there is unless told otherwise

  /** As much as a segment of loopback, of Ethernet, or of both. */
  @ParameterizedTest
  @ValueSource(ints = {200, 1400, 65_000})
  void whatACorkHoldsBackKeepsNothingFromBeingSent(int header) {
    var pair = resources.add(Pair.connect(Family.IPV4));
    assertSendsBehindACork(pair, header);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 1400})
  void theSameBetweenNamespacesWhoseSegmentsAreSmaller(int header) {
    assertSendsBehindACork(connectOverVeth(), header);
  }

  private void assertSendsBehindACork(Pair pair, int header) {
    int body = 3000;
    path.redirecting(false);
    var sender = pair.client().set(SocketOption.TCP_CORK, 1);
    assertEquals(header, sender.send(CONTENT.bytes(0, header), PosixSocket.MSG_DONTWAIT));
    assertEquals(body, sender.send(CONTENT.bytes(header, body), PosixSocket.MSG_DONTWAIT));
    sender.set(SocketOption.TCP_CORK, 0);
    assertArrayEquals(CONTENT.bytes(0, header + body), pair.server().receiveFully(header + body));
  }

  @Test
  void anApplicationsOwnMarkStays() {
    try (var listener = Pair.listen(Family.IPV4)) {
      listener.set(SocketOption.TCP_NOTSENT_LOWAT, 54321);
      var client = Family.IPV4.clientSocket().set(SocketOption.TCP_NOTSENT_LOWAT, 12345);
      var pair = resources.add(Pair.connect(client, listener, Family.IPV4));
      assertEquals(12345, pair.client().get(SocketOption.TCP_NOTSENT_LOWAT));
      assertEquals(54321, pair.server().get(SocketOption.TCP_NOTSENT_LOWAT));
    }
  }

  /** A receiver whose buffer is full may drop a segment: nobody shall wait 200 ms for it then. */
  @Test
  void whatIsLostComesAgainSoon() {
    var pair = resources.add(Pair.connect(Family.IPV4));
    path.redirecting(false);
    for (int turn = 0; turn < 40; turn++) { // what the handshake made TCP expect fades
      Talk.on(pair, turn);
    }
    boolean soon = path.accelerated();
    assertEquals(soon, retransmitAfter(pair.client()) < ORDINARY_RTO / 4, "by the client");
    assertEquals(soon, retransmitAfter(pair.server()) < ORDINARY_RTO / 4, "by the server");
  }

  /** Microseconds. */
  private static int retransmitAfter(PosixSocket sender) {
    var info = sender.option(IPPROTO_TCP, TCP_INFO, 104).bytes();
    return ByteBuffer.wrap(info).order(ByteOrder.nativeOrder()).getInt(RTO_OFFSET);
  }

  private Pair connectOverVeth() {
    var client = resources.add(Namespace.create());
    var server = resources.add(Namespace.create());
    Namespace.join(client, "10.77.0.1/24", server, "10.77.0.2/24");
    try (var listener =
        server.call(
            () -> Family.IPV4.serverSocket().bind(Family.address("10.77.0.2"), 0).listen(1))) {
      return resources.add(
          client.call(
              () -> Pair.connect(Family.IPV4.clientSocket(), listener, listener.localAddress())));
    }
  }
}
