// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.Errno.EAGAIN;
import static io.github.jbypass.programs.testing.PosixSocket.MSG_DONTWAIT;
import static io.github.jbypass.programs.testing.SocketOption.SO_RCVTIMEO;
import static io.github.jbypass.programs.testing.SocketOption.SO_SNDTIMEO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.programs.testing.Errno;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Flood;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixException;
import io.github.jbypass.programs.testing.PosixSocket;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When there is nothing to read, or no room to send, a call waits no longer than it was told. */
class TimeoutTest extends DataPathTest {
  private static final Duration TIMEOUT = Duration.ofMillis(200);

  // The kernel counts in ticks, so it may be early by a few milliseconds.
  private static final Duration AT_LEAST = TIMEOUT.minusMillis(20);

  private PosixSocket client;
  private PosixSocket server;

  @BeforeEach
  void connect() {
    Pair pair = resources.add(Pair.connect(Family.IPV4));
    client = pair.client();
    server = pair.server();
    client.sendAll(new byte[1]);
    server.receiveFully(1);
    path.assertRedirected();
  }

  @Test
  void aReaderGivesUpAfterItsTimeout() {
    server.timeout(SO_RCVTIMEO, TIMEOUT);
    long start = System.nanoTime();
    assertEquals(EAGAIN, errno(() -> server.receive(1)));
    assertTrue(System.nanoTime() - start >= AT_LEAST.toNanos());
  }

  @Test
  void aReaderWithATimeoutGetsWhatIsThere() {
    server.timeout(SO_RCVTIMEO, TIMEOUT);
    client.sendAll(new byte[10]);
    assertEquals(10, server.receive(100).length);
  }

  @Test
  void aReaderThatMayNotWaitSaysSo() {
    assertEquals(EAGAIN, errno(() -> server.receive(1, MSG_DONTWAIT)));
    server.nonBlocking(true);
    assertEquals(EAGAIN, errno(() -> server.receive(1)));
  }

  @Test
  void aFullSenderGivesUpAfterItsTimeout() {
    Flood.fillToTheBrim(client.nonBlocking(true));
    client.nonBlocking(false).timeout(SO_SNDTIMEO, TIMEOUT);
    long start = System.nanoTime();
    assertEquals(EAGAIN, errno(() -> client.send(new byte[1 << 20])));
    assertTrue(System.nanoTime() - start >= AT_LEAST.toNanos());
  }

  @Test
  void aSenderThatMayNotWaitSaysSoWhenFull() {
    long sent = Flood.fillToTheBrim(client.nonBlocking(true));
    client.nonBlocking(false);
    assertEquals(EAGAIN, errno(() -> client.send(new byte[1 << 20], MSG_DONTWAIT)));

    Flood.drain(server, 0, sent);
    client.sendAll(new byte[10]);
    assertEquals(10, server.receiveFully(10).length);
  }

  /** The call that ran into its timeout tells how much was taken, and that much arrives. */
  @Test
  void whatASenderGotRidOfBeforeItsTimeoutArrives() {
    client.timeout(SO_SNDTIMEO, TIMEOUT);
    int sent = client.send(new byte[32 << 20]);
    assertTrue(sent > 0 && sent < 32 << 20);
    client.close();
    assertEquals(sent, server.receiveToEnd().length);
  }

  private static Errno errno(Runnable call) {
    return assertThrows(PosixException.class, call::run).errno();
  }
}
