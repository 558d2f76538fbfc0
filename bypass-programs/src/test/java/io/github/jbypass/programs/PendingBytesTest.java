// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jbypass.programs.testing.Content;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * FIONREAD tells how many bytes can be read, whichever way they came; on kernels that count only
 * TCP's queue, and cannot be repaired, it tells of those that came over TCP.
 */
class PendingBytesTest extends DataPathTest {
  private static final Content CONTENT = new Content(4);

  private PosixSocket client;
  private PosixSocket server;

  @BeforeEach
  void connect() {
    Pair pair = resources.add(Pair.connect(Family.IPV4));
    client = pair.client();
    server = pair.server();
  }

  @Test
  void nothingIsPendingBeforeTheFirstByte() {
    assertEquals(0, client.available());
    assertEquals(0, server.available());
  }

  @Test
  void redirectedBytesArePendingUntilRead() {
    client.sendAll(new byte[100]);
    assertPending(redirected(100), server);

    server.receiveFully(60);
    assertPending(redirected(40), server);

    server.receiveFully(40);
    assertPending(0, server);
    path.assertRedirected();
  }

  @Test
  void messagesAddUp() {
    for (int size = 1; size <= 50; size++) {
      client.sendAll(new byte[size]);
    }
    assertPending(redirected(50 * 51 / 2), server);
    path.assertRedirected();
  }

  @Test
  void theServersBytesArePendingAtTheClient() {
    server.sendAll(new byte[77]);
    assertPending(redirected(77), client);
    assertPending(0, server);
    path.assertRedirected();
  }

  @Test
  void bytesOverTcpArePendingUntilRead() {
    path.redirecting(false);
    client.sendAll(new byte[100]);
    assertPending(100, server);

    server.receiveFully(60);
    assertPending(40, server);

    server.receiveFully(40);
    assertPending(0, server);
  }

  @Test
  void redirectedBytesAndThoseBehindThemOverTcpArePendingTogether() {
    client.sendAll(CONTENT.bytes(0, 1000));
    path.redirecting(false);
    client.sendAll(CONTENT.bytes(1000, 500));
    assertPending(redirected(1000) + 500, server);

    assertArrayEquals(CONTENT.bytes(0, 1200), server.receiveFully(1200));
    assertPending(300, server);

    assertArrayEquals(CONTENT.bytes(1200, 300), server.receiveFully(300));
    assertPending(0, server);
    path.assertRedirected();
  }

  @Test
  void bytesOverTcpAndThoseBehindThemArePendingTogether() {
    path.redirecting(false);
    client.sendAll(CONTENT.bytes(0, 1000));
    path.redirecting(true);
    client.sendAll(CONTENT.bytes(1000, 500));
    assertPending(1500, server);

    assertArrayEquals(CONTENT.bytes(0, 1500), server.receiveFully(1500));
    assertPending(0, server);
  }

  @Test
  void peekedBytesStayPending() {
    client.sendAll(new byte[100]);
    assertEquals(10, server.receive(10, PosixSocket.MSG_PEEK).length);
    assertPending(redirected(100), server);
    path.assertRedirected();
  }

  @Test
  void theEndOfTheStreamIsNoByte() {
    client.sendAll(new byte[10]);
    client.shutdownOutput();
    assertPending(redirected(10), server);

    assertEquals(10, server.receiveToEnd().length);
    assertPending(0, server);
    path.assertRedirected();
  }

  private int redirected(int bytes) {
    return path.countsRedirectedBytes() ? bytes : 0;
  }

  private static void assertPending(int expected, PosixSocket socket) {
    Eventually.assertBecomes(expected, socket::available, "bytes pending");
  }
}
