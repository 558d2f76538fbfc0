// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.Errno.ECONNRESET;
import static io.github.jbypass.programs.testing.Errno.EPIPE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.programs.testing.Background;
import io.github.jbypass.programs.testing.Content;
import io.github.jbypass.programs.testing.Errno;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Flood;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixException;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.SocketOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a connection ends: half by half, all at once, by a reset. */
class CloseTest extends DataPathTest {
  private static final Content THERE = new Content(1);
  private static final Content BACK = new Content(2);
  private static final Duration SOON = Duration.ofMillis(100);

  private PosixSocket client;
  private PosixSocket server;

  @BeforeEach
  void connect() {
    Pair pair = resources.add(Pair.connect(Family.IPV4));
    client = pair.client();
    server = pair.server();
  }

  @Test
  void whatWasSentBeforeTheCloseIsReadBeforeTheEnd() {
    client.sendAll(THERE.bytes(0, 5000));
    client.close();
    assertArrayEquals(THERE.bytes(0, 5000), server.receiveToEnd());
    assertEquals(0, server.receive(1).length, "the end stays the end");
    path.assertRedirected();
  }

  @Test
  void bytesOnBothWaysAreReadBeforeTheEnd() {
    client.sendAll(THERE.bytes(0, 5000));
    path.redirecting(false);
    client.sendAll(THERE.bytes(5000, 5000));
    client.close();
    assertArrayEquals(THERE.bytes(0, 10000), server.receiveToEnd());
    path.assertRedirected();
  }

  @Test
  void afterTheClientsHalfCloseTheServerStillAnswers() {
    client.sendAll(THERE.bytes(0, 100));
    client.shutdownOutput();
    assertArrayEquals(THERE.bytes(0, 100), server.receiveToEnd());

    server.sendAll(BACK.bytes(0, 5000));
    server.close();
    assertArrayEquals(BACK.bytes(0, 5000), client.receiveToEnd());
    path.assertRedirected();
  }

  @Test
  void afterTheServersHalfCloseTheClientStillSends() {
    server.sendAll(BACK.bytes(0, 100));
    server.shutdownOutput();
    assertArrayEquals(BACK.bytes(0, 100), client.receiveToEnd());

    client.sendAll(THERE.bytes(0, 5000));
    client.close();
    assertArrayEquals(THERE.bytes(0, 5000), server.receiveToEnd());
    path.assertRedirected();
  }

  /** By then TCP has nothing more to do with the connection, but its reader has. */
  @Test
  void anAnswerStaysReadableAfterBothSidesHaveClosed() {
    client.sendAll(THERE.bytes(0, 100));
    client.shutdownOutput();
    assertArrayEquals(THERE.bytes(0, 100), server.receiveToEnd());
    server.sendAll(BACK.bytes(0, 50_000));
    server.close();

    Eventually.pause(SOON);
    assertArrayEquals(BACK.bytes(0, 50_000), client.receiveToEnd());
    path.assertRedirected();
  }

  @Test
  void bothSidesMayCloseWithBytesUnderWay() {
    client.sendAll(THERE.bytes(0, 5000));
    server.sendAll(BACK.bytes(0, 5000));
    client.shutdownOutput();
    server.shutdownOutput();

    Eventually.pause(SOON);
    assertArrayEquals(THERE.bytes(0, 5000), server.receiveToEnd());
    assertArrayEquals(BACK.bytes(0, 5000), client.receiveToEnd());
    path.assertRedirected();
  }

  /** With TCP's own queues full on both sides, and more in a small receiver than it asked for. */
  @ParameterizedTest
  @CsvSource({"true, 0", "false, 0", "true, 65536", "false, 65536"})
  void theEndComesAfterEverythingThatHadPiledUp(boolean redirecting, int receiveBuffer) {
    if (receiveBuffer > 0) {
      server.set(SocketOption.SO_RCVBUF, receiveBuffer);
      client.set(SocketOption.SO_SNDBUF, 256 << 10);
    }
    path.redirecting(redirecting);
    long sent = Flood.fillToTheBrim(client.nonBlocking(true));
    client.close();
    server.set(SocketOption.SO_RCVBUF, 1 << 20); // else TCP trickles for minutes
    for (long at = 0; at < sent; at += Math.min(100_000, sent - at)) {
      Flood.drain(server, at, Math.min(100_000, sent - at));
      Eventually.pause(Duration.ofMillis(1));
    }
    assertEquals(0, server.receive(1).length);
  }

  @Test
  void theEndWakesAReaderThatWaits() {
    CompletableFuture<Integer> waiting = Background.call(() -> server.receive(100).length);
    Eventually.pause(SOON);
    client.close();
    assertEquals(0, waiting.join());
  }

  @Test
  void sendingAfterOnesOwnHalfCloseIsABrokenPipe() {
    client.sendAll(new byte[10]);
    client.shutdownOutput();
    assertEquals(EPIPE, errno(() -> client.send(new byte[1])));
    path.assertRedirected();
  }

  @Test
  void itStaysABrokenPipeWhenTheEndHasBeenRead() {
    client.sendAll(new byte[10]);
    client.shutdownOutput();
    server.receiveFully(10);
    assertEquals(0, server.receive(1).length);
    assertEquals(EPIPE, errno(() -> client.send(new byte[1])));
    path.assertRedirected();
  }

  @Test
  void sendingToAClosedPeerFails() {
    client.sendAll(new byte[10]);
    server.receiveFully(10);
    server.close();
    assertTrue(sendUntilRefused() == EPIPE);
    path.assertRedirected();
  }

  /** The first message after the close is answered by a reset; the next one meets it. */
  private Errno sendUntilRefused() {
    for (int i = 0; i < 100; i++) {
      try {
        client.send(new byte[1]);
      } catch (PosixException e) {
        return e.errno();
      }
      Eventually.pause(Duration.ofMillis(5));
    }
    throw new AssertionError("a closed peer accepts everything");
  }

  @Test
  void aResetReachesTheReader() {
    client.sendAll(new byte[10]);
    server.receiveFully(10);
    client.resetOnClose().close();
    assertEquals(ECONNRESET, errno(() -> server.receive(1)));
    assertEquals(0, server.receive(1).length, "the error is reported once");
    path.assertRedirected();
  }

  /** Linux lets a reader have what arrived before the reset. */
  @Test
  void whatArrivedBeforeAResetStaysReadable() {
    client.sendAll(THERE.bytes(0, 1000));
    client.resetOnClose().close();
    Eventually.pause(SOON);
    assertArrayEquals(THERE.bytes(0, 1000), server.receiveFully(1000));
    assertEquals(ECONNRESET, errno(() -> server.receive(1)));
    path.assertRedirected();
  }

  @Test
  void aCloseWakesASenderThatWaits() {
    Flood.fillToTheBrim(client.nonBlocking(true));
    client.nonBlocking(false);
    // Byte by byte: a probe of TCP may find a little room meanwhile, and a send that has taken some
    // tells no error.
    CompletableFuture<Errno> waiting = Background.call(() -> errno(() -> sendForEver(client)));
    Eventually.pause(SOON);
    server.resetOnClose().close();
    assertEquals(ECONNRESET, waiting.join());
    path.assertRedirected();
  }

  @Test
  void aReaderThatShutsItsInputReadsTheEnd() {
    server.shutdownInput();
    assertEquals(0, server.receive(1).length);

    server.sendAll(BACK.bytes(0, 100));
    assertArrayEquals(BACK.bytes(0, 100), client.receiveFully(100));
    path.assertRedirected();
  }

  private static void sendForEver(PosixSocket socket) {
    var one = new byte[1];
    while (true) {
      socket.send(one);
    }
  }

  private static Errno errno(Runnable call) {
    return assertThrows(PosixException.class, call::run).errno();
  }
}
