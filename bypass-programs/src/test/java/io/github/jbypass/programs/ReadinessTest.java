// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.Posix.POLLERR;
import static io.github.jbypass.programs.testing.Posix.POLLHUP;
import static io.github.jbypass.programs.testing.Posix.POLLIN;
import static io.github.jbypass.programs.testing.Posix.POLLOUT;
import static io.github.jbypass.programs.testing.Posix.POLLRDHUP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.programs.testing.Background;
import io.github.jbypass.programs.testing.Epoll;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Flood;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What poll and epoll, level- and edge-triggered, report of a connection. */
class ReadinessTest extends DataPathTest {
  private static final Duration NOW = Duration.ZERO;
  private static final Duration SOON = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int ANY = POLLIN | POLLOUT | POLLRDHUP;

  private PosixSocket client;
  private PosixSocket server;

  @BeforeEach
  void connect() {
    Pair pair = resources.add(Pair.connect(Family.IPV4));
    client = pair.client();
    server = pair.server();
  }

  @Test
  void aFreshConnectionIsWritableOnly() {
    assertEquals(POLLOUT, client.poll(ANY, PATIENCE));
    assertEquals(POLLOUT, server.poll(ANY, PATIENCE));
  }

  @Test
  void aSocketIsReadableUntilItsLastByteIsRead() {
    client.sendAll(new byte[10]);
    assertEquals(POLLIN, server.poll(POLLIN, PATIENCE));
    assertEquals(POLLIN, server.poll(POLLIN, NOW));

    server.receiveFully(9);
    assertEquals(POLLIN, server.poll(POLLIN, NOW));

    server.receiveFully(1);
    assertEquals(0, server.poll(POLLIN, NOW));
    path.assertRedirected();
  }

  @Test
  void bytesBehindRedirectedOnesKeepTheSocketReadable() {
    client.sendAll(new byte[10]);
    path.redirecting(false);
    client.sendAll(new byte[10]);

    server.receiveFully(10);
    assertEquals(POLLIN, server.poll(POLLIN, PATIENCE));

    server.receiveFully(10);
    assertEquals(0, server.poll(POLLIN, NOW));
    path.assertRedirected();
  }

  @Test
  void anArrivalWakesAPollThatWaits() {
    CompletableFuture<Integer> waiting = Background.call(() -> server.poll(POLLIN, PATIENCE));
    pauseUntilBlocked();
    client.sendAll(new byte[1]);
    assertEquals(POLLIN, waiting.join());
    path.assertRedirected();
  }

  @Test
  void anArrivalWakesAReceiverThatWaits() {
    CompletableFuture<Integer> waiting = Background.call(() -> server.receive(100).length);
    pauseUntilBlocked();
    client.sendAll(new byte[3]);
    assertEquals(3, waiting.join());
    path.assertRedirected();
  }

  @Test
  void levelTriggeredEpollRepeatsItself() {
    Epoll epoll = watch(server, Epoll.EPOLLIN);
    assertEquals(0, epoll.await(NOW));

    client.sendAll(new byte[10]);
    assertEquals(Epoll.EPOLLIN, epoll.await(PATIENCE));
    assertEquals(Epoll.EPOLLIN, epoll.await(NOW));

    server.receiveFully(10);
    assertEquals(0, epoll.await(NOW));
    path.assertRedirected();
  }

  @Test
  void edgeTriggeredEpollReportsEachArrivalOnce() {
    Epoll epoll = watch(server, Epoll.EPOLLIN | Epoll.EPOLLET);
    client.sendAll(new byte[10]);
    assertEquals(Epoll.EPOLLIN, epoll.await(PATIENCE));
    assertEquals(0, epoll.await(SOON));

    client.sendAll(new byte[10]);
    assertEquals(Epoll.EPOLLIN, epoll.await(PATIENCE));
    assertEquals(0, epoll.await(SOON));
    path.assertRedirected();
  }

  @Test
  void edgeTriggeredEpollIsSilentAfterAPartialRead() {
    Epoll epoll = watch(server, Epoll.EPOLLIN | Epoll.EPOLLET);
    client.sendAll(new byte[10]);
    assertEquals(Epoll.EPOLLIN, epoll.await(PATIENCE));

    server.receiveFully(5);
    assertEquals(0, epoll.await(SOON));

    epoll.modify(Epoll.EPOLLIN | Epoll.EPOLLET);
    assertEquals(Epoll.EPOLLIN, epoll.await(PATIENCE), "armed again, what is left counts");
    path.assertRedirected();
  }

  @Test
  void aHalfCloseIsReadableAndReadHangup() {
    client.shutdownOutput();
    assertEquals(POLLIN | POLLRDHUP, server.poll(POLLIN | POLLRDHUP, PATIENCE));
    assertEquals(POLLOUT, client.poll(ANY, NOW), "the other direction is untouched");
  }

  @Test
  void epollReportsTheHalfCloseBehindUnreadBytes() {
    Epoll epoll = watch(server, Epoll.EPOLLIN | Epoll.EPOLLRDHUP | Epoll.EPOLLET);
    client.sendAll(new byte[10]);
    client.shutdownOutput();
    assertTrue(awaitEvents(epoll, Epoll.EPOLLIN | Epoll.EPOLLRDHUP));
    assertEquals(10, server.receiveToEnd().length);
    path.assertRedirected();
  }

  @Test
  void bothDirectionsClosedAreAHangup() {
    client.sendAll(new byte[10]);
    client.shutdownOutput();
    server.shutdownOutput();
    int all = POLLIN | POLLRDHUP | POLLHUP;
    assertTrue(awaitPoll(server, all));
    assertEquals(10, server.receiveToEnd().length);
    assertTrue(awaitPoll(client, all));
    path.assertRedirected();
  }

  @Test
  void aResetIsAnErrorAndAHangup() {
    client.sendAll(new byte[10]);
    server.receiveFully(10);
    client.resetOnClose().close();
    assertTrue(awaitPoll(server, POLLIN | POLLERR | POLLHUP));
    path.assertRedirected();
  }

  @Test
  void aFullSenderBecomesWritableWhenTheReaderDrains() {
    client.nonBlocking(true);
    long sent = Flood.fill(client);
    assertEquals(0, client.poll(POLLOUT, NOW));

    Flood.drain(server, sent);
    assertEquals(POLLOUT, client.poll(POLLOUT, PATIENCE));
    path.assertRedirected();
  }

  @Test
  void edgeTriggeredEpollReportsThatAFullSenderIsWritableAgain() {
    Epoll epoll = watch(client.nonBlocking(true), Epoll.EPOLLOUT | Epoll.EPOLLET);
    assertEquals(Epoll.EPOLLOUT, epoll.await(PATIENCE));
    long sent = Flood.fill(client);
    assertEquals(0, epoll.await(NOW) & ~Epoll.EPOLLOUT);

    Flood.drain(server, sent);
    assertEquals(Epoll.EPOLLOUT, epoll.await(PATIENCE));
    path.assertRedirected();
  }

  private Epoll watch(PosixSocket socket, int events) {
    return resources.add(Epoll.watch(socket, events));
  }

  /** Edges may come one by one, each with all that holds at its time. */
  private static boolean awaitEvents(Epoll epoll, int wanted) {
    int seen = 0;
    for (int events; (seen & wanted) != wanted; seen = events) {
      events = epoll.await(PATIENCE);
      if (events == 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean awaitPoll(PosixSocket socket, int wanted) {
    return Eventually.within(
        PATIENCE, () -> (socket.poll(POLLIN | POLLRDHUP, SOON) & wanted) == wanted);
  }

  private static void pauseUntilBlocked() {
    Eventually.pause(SOON);
  }
}
