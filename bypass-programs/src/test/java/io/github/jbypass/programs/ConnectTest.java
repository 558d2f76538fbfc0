// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.Errno.EAGAIN;
import static io.github.jbypass.programs.testing.Errno.ECONNREFUSED;
import static io.github.jbypass.programs.testing.Errno.EINPROGRESS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jbypass.programs.testing.Content;
import io.github.jbypass.programs.testing.DelayedLink;
import io.github.jbypass.programs.testing.Errno;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Namespace;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Posix;
import io.github.jbypass.programs.testing.PosixException;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.SocketOption;
import io.github.jbypass.programs.testing.Talk;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How a connection comes about, and what may be sent before it has. */
class ConnectTest extends DataPathTest {
  private static final Content CONTENT = new Content(3);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private PosixSocket listener;

  @BeforeEach
  void listen() {
    listener = resources.add(Pair.listen(Family.IPV4));
  }

  @ParameterizedTest
  @EnumSource
  void bothEndsTalkInEveryFamily(Family family) {
    Talk.on(resources.add(Pair.connect(family)), 1);
    path.assertRedirected();
  }

  @Test
  void aConnectThatDoesNotWaitReportsSuccessByPoll() {
    PosixSocket client = client().nonBlocking(true);
    Errno errno = errno(() -> client.connect(listener.localAddress()));
    assertEquals(EINPROGRESS, errno);
    assertEquals(Posix.POLLOUT, client.poll(Posix.POLLIN | Posix.POLLOUT, PATIENCE));
    assertEquals(0, client.get(SocketOption.SO_ERROR));

    PosixSocket server = resources.add(listener.accept());
    Talk.on(new Pair(client.nonBlocking(false), server), 1);
    path.assertRedirected();
  }

  @Test
  void aConnectWithoutAListenerIsRefused() {
    InetSocketAddress address = listener.localAddress();
    listener.close();
    assertEquals(ECONNREFUSED, errno(() -> client().connect(address)));
  }

  @Test
  void aConnectThatDoesNotWaitReportsRefusalByPoll() {
    InetSocketAddress address = listener.localAddress();
    listener.close();
    PosixSocket client = client().nonBlocking(true);
    // Loopback may be quick enough to refuse at once.
    Errno errno = errno(() -> client.connect(address));
    if (errno == EINPROGRESS) {
      int events = client.poll(Posix.POLLOUT, PATIENCE);
      assertEquals(Posix.POLLERR | Posix.POLLHUP, events & (Posix.POLLERR | Posix.POLLHUP));
      assertEquals(ECONNREFUSED, errno(() -> client.send(new byte[1])));
    } else {
      assertEquals(ECONNREFUSED, errno);
    }
  }

  @Test
  void anAcceptThatDoesNotWaitSaysThatNobodyIsThere() {
    listener.nonBlocking(true);
    assertEquals(EAGAIN, errno(listener::accept));

    client().connect(listener.localAddress());
    assertEquals(Posix.POLLIN, listener.poll(Posix.POLLIN, PATIENCE));
    resources.add(listener.accept());
  }

  @Test
  void theServerMaySpeakFirst() {
    Pair pair = resources.add(Pair.connect(client(), listener, Family.IPV4));
    pair.server().sendAll(CONTENT.bytes(0, 1000));
    assertArrayEquals(CONTENT.bytes(0, 1000), pair.client().receiveFully(1000));
    Talk.on(pair, 1);
    path.assertRedirected();
  }

  @Test
  void whatIsSentBeforeTheAcceptIsReadAfterIt() {
    PosixSocket client = client().connect(listener.localAddress());
    client.sendAll(CONTENT.bytes(0, 5000));
    client.sendAll(CONTENT.bytes(5000, 5000));
    PosixSocket server = resources.add(listener.accept());
    assertArrayEquals(CONTENT.bytes(0, 10_000), server.receiveFully(10_000));
    Talk.on(new Pair(client, server), 1);
    path.assertRedirected();
  }

  @Test
  void aClientMaySendAndCloseBeforeItIsAccepted() {
    try (PosixSocket client = client().connect(listener.localAddress())) {
      client.sendAll(CONTENT.bytes(0, 5000));
    }
    PosixSocket server = resources.add(listener.accept());
    assertArrayEquals(CONTENT.bytes(0, 5000), server.receiveToEnd());
    path.assertRedirected();
  }

  @Test
  void connectionsThatWaitInTheBacklogAreServedInTurn() {
    List<PosixSocket> clients = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      clients.add(client().connect(listener.localAddress()));
      clients.get(i).sendAll(CONTENT.bytes(100L * i, 100));
    }
    for (int i = 0; i < 50; i++) {
      PosixSocket server = resources.add(listener.accept());
      assertEquals(clients.get(i).localAddress(), server.peerAddress());
      assertArrayEquals(CONTENT.bytes(100L * i, 100), server.receiveFully(100));
      Talk.on(new Pair(clients.get(i), server), i);
    }
    path.assertRedirected();
  }

  @Test
  void listenersMayShareAPort() {
    PosixSocket one = sharing(0);
    PosixSocket other = sharing(one.localAddress().getPort());
    for (int i = 0; i < 20; i++) {
      PosixSocket client = client().connect(one.localAddress());
      boolean isOurs = one.poll(Posix.POLLIN, Duration.ofMillis(20)) != 0;
      PosixSocket server = resources.add((isOurs ? one : other).accept());
      Talk.on(new Pair(client, server), i);
    }
    path.assertRedirected();
  }

  private PosixSocket sharing(int port) {
    return resources
        .add(Family.IPV4.serverSocket())
        .set(SocketOption.SO_REUSEPORT, 1)
        .bind(Family.IPV4.loopback(), port)
        .listen(8);
  }

  /** The kernel makes the server's end only when the first bytes come, which travel by TCP. */
  @Test
  void anAcceptMayBeDeferredUntilDataComes() {
    listener.set(SocketOption.TCP_DEFER_ACCEPT, 5);
    PosixSocket client = client().connect(listener.localAddress());
    for (int i = 0; i < 10; i++) {
      client.sendAll(CONTENT.bytes(100L * i, 100));
    }
    PosixSocket server = resources.add(listener.accept());
    assertArrayEquals(CONTENT.bytes(0, 1000), server.receiveFully(1000));
    Talk.on(new Pair(client, server), 1);
    path.assertRedirected();
  }

  /** Its SYN carries data, so the server's end is established before the client's. */
  @Test
  void dataMayComeWithTheFirstPacket() {
    Namespace namespace = resources.add(Namespace.create());
    // Both sides, without cookies, on every listener.
    namespace.sysctl("ipv4/tcp_fastopen", Integer.toString(0x1 | 0x2 | 0x4 | 0x200 | 0x400));
    PosixSocket server = resources.add(namespace.call(() -> Pair.listen(Family.IPV4)));
    PosixSocket client = resources.add(namespace.call(Family.IPV4::clientSocket));
    client.sendTo(CONTENT.bytes(0, 100), PosixSocket.MSG_FASTOPEN, server.localAddress());

    Pair pair = new Pair(client, resources.add(server.accept()));
    assertArrayEquals(CONTENT.bytes(0, 100), pair.server().receiveFully(100));
    Talk.on(pair, 1);
  }

  /** Under SYN cookies the kernel keeps nothing of a SYN, so nobody can tell that it is local. */
  @Test
  void connectionsUnderSynCookiesStayOnTcp() {
    Namespace namespace = resources.add(Namespace.create());
    namespace.sysctl("ipv4/tcp_syncookies", "2"); // always
    Talk.on(resources.add(namespace.call(() -> Pair.connect(Family.IPV4))), 1);
    path.assertNothingEnrolled();
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true"})
  void multipathConnectionsWork(boolean clientSpeaksIt, boolean serverSpeaksIt) {
    PosixSocket server = resources.add(socket(serverSpeaksIt));
    server.bind(Family.IPV4.loopback(), 0).listen(1);
    Talk.on(resources.add(Pair.connect(socket(clientSpeaksIt), server, Family.IPV4)), 1);
  }

  private static PosixSocket socket(boolean multipath) {
    return multipath
        ? PosixSocket.multipath(PosixSocket.Domain.INET)
        : PosixSocket.tcp(PosixSocket.Domain.INET);
  }

  @Test
  void aSocketMayConnectAgainAfterDissolvingItsConnection() {
    Pair first = resources.add(Pair.connect(client(), listener, Family.IPV4));
    Talk.on(first, 1);
    first.client().disconnect();
    Pair second = resources.add(Pair.connect(first.client(), listener, Family.IPV4));
    Talk.on(second, 2);
    path.assertRedirected();
  }

  /** What the first connection left unread is not read from the second one. */
  @Test
  void aSocketThatConnectsAgainStartsWithoutBytes() {
    Pair first = resources.add(Pair.connect(client(), listener, Family.IPV4));
    first.server().sendAll(CONTENT.bytes(0, 100));
    Eventually.assertArrive(100, first.client());
    first.client().disconnect();

    Pair second = resources.add(Pair.connect(first.client(), listener, Family.IPV4));
    assertEquals(0, second.client().available());
    Talk.on(second, 2);
    path.assertRedirected();
  }

  /** Linux connects a socket to itself when it calls its own port. */
  @Test
  void aSocketMayTalkToItself() {
    InetAddress loopback = Family.IPV4.loopback();
    PosixSocket socket = client().bind(loopback, 0);
    socket.connect(socket.localAddress());
    for (int i = 0; i < 10; i++) {
      socket.sendAll(CONTENT.bytes(100L * i, 100));
      assertArrayEquals(CONTENT.bytes(100L * i, 100), socket.receiveFully(100));
    }
    assertEquals(0, socket.available());
  }

  /** Both ends call at once; there is no listener. */
  @Test
  void twoSocketsMayConnectToEachOther() {
    DelayedLink link = resources.add(DelayedLink.create(Duration.ofMillis(20)));
    InetSocketAddress left = new InetSocketAddress("10.77.0.1", 6001);
    InetSocketAddress right = new InetSocketAddress("10.77.0.2", 6002);
    PosixSocket one = resources.add(link.left().call(() -> bound(left)));
    PosixSocket other = resources.add(link.right().call(() -> bound(right)));
    assertEquals(EINPROGRESS, errno(() -> one.connect(right)));
    assertEquals(EINPROGRESS, errno(() -> other.connect(left)));
    assertEquals(Posix.POLLOUT, one.poll(Posix.POLLOUT, PATIENCE));
    assertEquals(Posix.POLLOUT, other.poll(Posix.POLLOUT, PATIENCE));
    Talk.on(new Pair(one.nonBlocking(false), other.nonBlocking(false)), 1);
  }

  private static PosixSocket bound(InetSocketAddress address) {
    return Family.IPV4
        .clientSocket()
        .bind(address.getAddress(), address.getPort())
        .nonBlocking(true);
  }

  private PosixSocket client() {
    return resources.add(Family.IPV4.clientSocket());
  }

  private static Errno errno(Runnable call) {
    return assertThrows(PosixException.class, call::run).errno();
  }
}
