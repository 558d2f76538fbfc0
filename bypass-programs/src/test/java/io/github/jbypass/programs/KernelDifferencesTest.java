// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.Errno.EAGAIN;
import static io.github.jbypass.programs.testing.Errno.ECONNRESET;
import static io.github.jbypass.programs.testing.Posix.POLLERR;
import static io.github.jbypass.programs.testing.Posix.POLLIN;
import static io.github.jbypass.programs.testing.Posix.POLLPRI;
import static io.github.jbypass.programs.testing.PosixSocket.MSG_OOB;
import static io.github.jbypass.programs.testing.PosixSocket.MSG_PEEK;
import static io.github.jbypass.programs.testing.PosixSocket.MSG_WAITALL;
import static io.github.jbypass.programs.testing.PosixSocket.MSG_ZEROCOPY;
import static io.github.jbypass.programs.testing.SocketOption.SO_PEEK_OFF;
import static io.github.jbypass.programs.testing.SocketOption.SO_RCVLOWAT;
import static io.github.jbypass.programs.testing.SocketOption.SO_ZEROCOPY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jbypass.programs.testing.Background;
import io.github.jbypass.programs.testing.Content;
import io.github.jbypass.programs.testing.Errno;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Flood;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Posix;
import io.github.jbypass.programs.testing.PosixException;
import io.github.jbypass.programs.testing.PosixSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What applications can notice of redirecting, because the kernel's socket maps are so. */
class KernelDifferencesTest extends DataPathTest {
  private static final Content CONTENT = new Content(5);
  private static final Duration SOON = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private PosixSocket client;
  private PosixSocket server;

  @BeforeEach
  void connect() {
    Pair pair = resources.add(Pair.connect(Family.IPV4));
    client = pair.client();
    server = pair.server();
  }

  /** TCP tells the sender that its bytes were thrown away. */
  @Test
  void closingWithUnreadBytesResetsOnlyOnTcp() {
    client.sendAll(new byte[10]);
    Eventually.assertArrive(10, server);
    server.close();
    Eventually.pause(SOON);
    if (path.accelerated()) {
      assertEquals(0, client.receive(1).length);
    } else {
      assertEquals(ECONNRESET, errno(() -> client.receive(1)));
    }
    path.assertRedirected();
  }

  @Test
  void urgentDataIsUrgentOnlyOnTcp() {
    client.send(CONTENT.bytes(0, 3));
    client.send(CONTENT.bytes(3, 1), MSG_OOB);
    int events = server.poll(POLLIN | POLLPRI, PATIENCE);
    if (path.accelerated()) {
      assertEquals(POLLIN, events);
      assertArrayEquals(CONTENT.bytes(0, 4), server.receiveFully(4));
    } else {
      assertEquals(POLLIN | POLLPRI, events);
      assertArrayEquals(CONTENT.bytes(3, 1), server.receive(1, MSG_OOB));
      assertArrayEquals(CONTENT.bytes(0, 3), server.receive(10));
    }
    path.assertRedirected();
  }

  /** Splice reads TCP's queue alone, so it waits for ever although poll says that there is data. */
  @Test
  void spliceDoesNotSeeRedirectedBytes() {
    client.sendAll(CONTENT.bytes(0, 100));
    assertEquals(POLLIN, server.poll(POLLIN, PATIENCE));
    try (Posix.Pipe pipe = Posix.pipe()) {
      server.nonBlocking(true);
      if (path.accelerated()) {
        assertEquals(EAGAIN, errno(() -> spliceFrom(server, pipe)));
        assertArrayEquals(CONTENT.bytes(0, 100), server.receive(200));
      } else {
        assertEquals(100, spliceFrom(server, pipe));
      }
    }
    path.assertRedirected();
  }

  /** To the socket it works, as sendfile does. */
  @Test
  void spliceSendsAsOnTcp() {
    byte[] all = CONTENT.bytes(0, 5000);
    try (Posix.Pipe pipe = Posix.pipe()) {
      Posix.write(pipe.writer(), all);
      assertEquals(5000, Posix.splice(pipe.reader(), client.fd(), 5000, 0));
    }
    assertArrayEquals(all, server.receiveFully(5000));
    path.assertRedirected();
  }

  @Test
  void waitingForTheWholeLengthEndsWithTheFirstRedirectedBytes() {
    client.sendAll(CONTENT.bytes(0, 10));
    Eventually.assertArrive(10, server);
    CompletableFuture<byte[]> reading = Background.call(() -> server.receive(20, MSG_WAITALL));
    Eventually.pause(SOON);
    client.sendAll(CONTENT.bytes(10, 10));
    assertArrayEquals(CONTENT.bytes(0, path.accelerated() ? 10 : 20), reading.join());
    path.assertRedirected();
  }

  @Test
  void aLowWaterMarkIsNotHonouredForRedirectedBytes() {
    server.set(SO_RCVLOWAT, 20);
    client.sendAll(new byte[10]);
    assertEquals(path.accelerated() ? POLLIN : 0, server.poll(POLLIN, SOON));

    client.sendAll(new byte[10]);
    assertEquals(POLLIN, server.poll(POLLIN, PATIENCE));
    path.assertRedirected();
  }

  @Test
  void peekingDoesNotAdvanceByItselfOverRedirectedBytes() {
    client.sendAll(CONTENT.bytes(0, 20));
    Eventually.assertArrive(20, server);
    assumeTrue(isSupported(() -> server.set(SO_PEEK_OFF, 0)), "TCP has it since kernel 6.9");
    assertArrayEquals(CONTENT.bytes(0, 10), server.receive(10, MSG_PEEK));
    int second = path.accelerated() ? 0 : 10;
    assertArrayEquals(CONTENT.bytes(second, 10), server.receive(10, MSG_PEEK));
    assertArrayEquals(CONTENT.bytes(0, 20), server.receive(20));
    path.assertRedirected();
  }

  /** The bytes arrive, but the sender is never told that its buffer is free. */
  @Test
  void sendingWithoutCopyingIsNotAcknowledged() {
    client.set(SO_ZEROCOPY, 1);
    client.send(CONTENT.bytes(0, 10_000), MSG_ZEROCOPY);
    assertArrayEquals(CONTENT.bytes(0, 10_000), server.receiveFully(10_000));
    assertEquals(path.accelerated() ? 0 : POLLERR, client.poll(0, SOON));
    path.assertRedirected();
  }

  /** A receive that waits is ended by anything that wakes it: here, by room to send. */
  @Test
  void aReceiveThatWaitsGivesUpWhenItsSocketBecomesWritable() {
    long sent = Flood.fillToTheBrim(client.nonBlocking(true));
    client.nonBlocking(false);
    CompletableFuture<Object> waiting = Background.call(() -> receiveOrErrno(client));
    Eventually.pause(SOON);
    Flood.drain(server, 0, sent);
    Eventually.pause(SOON);
    server.sendAll(new byte[10]);
    assertEquals(path.accelerated() ? EAGAIN : Integer.valueOf(10), waiting.join());
    path.assertRedirected();
  }

  /** Likewise by a reset, which only the next call tells. */
  @Test
  void aResetIsReportedByTheNextReceiveOnly() {
    CompletableFuture<Errno> waiting = Background.call(() -> errno(() -> server.receive(100)));
    Eventually.pause(SOON);
    client.resetOnClose().close();
    if (path.accelerated()) {
      assertEquals(EAGAIN, waiting.join());
      assertEquals(ECONNRESET, errno(() -> server.receive(100)));
    } else {
      assertEquals(ECONNRESET, waiting.join());
    }
  }

  private static long spliceFrom(PosixSocket socket, Posix.Pipe pipe) {
    return Posix.splice(socket.fd(), pipe.writer(), 1000, Posix.SPLICE_F_NONBLOCK);
  }

  private static Object receiveOrErrno(PosixSocket socket) {
    try {
      return socket.receive(100).length;
    } catch (PosixException e) {
      return e.errno();
    }
  }

  private static boolean isSupported(Runnable option) {
    try {
      option.run();
      return true;
    } catch (PosixException e) {
      if (e.errno() != Errno.EOPNOTSUPP) {
        throw e;
      }
      return false;
    }
  }

  private static Errno errno(Runnable call) {
    return assertThrows(PosixException.class, call::run).errno();
  }
}
