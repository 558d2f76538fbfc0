// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

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
import io.github.jbypass.programs.testing.PosixException;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.SocketOption;
import io.github.jbypass.programs.testing.Talk;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every byte reaches the connection it was sent on, however alike connections look. */
class PairingTest extends DataPathTest {
  private static final Content CONTENT = new Content(13);
  private static final int CLIENT_PORT = 40_000;
  private static final int SERVER_PORT = 5_000;

  @ParameterizedTest
  @EnumSource
  void twoConnectionsFromOneSourcePortToTwoDestinationsStayApart(Family family) {
    PosixSocket one = resources.add(Pair.listen(family));
    PosixSocket other = resources.add(Pair.listen(family));
    int port = freePort(family);
    List<Pair> pairs =
        List.of(
            resources.add(Pair.connect(boundTo(port, family), one, family)),
            resources.add(Pair.connect(boundTo(port, family), other, family)));
    Talk.onAll(pairs);
    path.assertPaired(2);
    path.assertRedirected();
  }

  @Test
  void aSourcePortReusedForOtherDestinationsMeetsNoStranger() {
    List<PosixSocket> listeners = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      listeners.add(resources.add(Pair.listen(Family.IPV4)));
    }
    int port = freePort(Family.IPV4);
    for (int i = 0; i < 200; i++) {
      PosixSocket client = boundTo(port, Family.IPV4);
      try (Pair pair = Pair.connect(client, listeners.get(i % 5), Family.IPV4)) {
        Talk.on(pair, i);
        // Without a reset the port would rest for a minute once all destinations had their turn.
        pair.client().resetOnClose();
      }
    }
    path.assertPaired(200);
    path.assertRedirected();
  }

  /** The server's end outlives its client: its late words must not reach the port's next user. */
  @Test
  void whatIsSentToAClosedClientDoesNotReachItsPortsNextUser() {
    PosixSocket one = resources.add(Pair.listen(Family.IPV4));
    PosixSocket other = resources.add(Pair.listen(Family.IPV4));
    int port = freePort(Family.IPV4);
    Pair first = resources.add(Pair.connect(boundTo(port, Family.IPV4), one, Family.IPV4));
    Talk.on(first, 1);
    first.client().close();
    Pair second = resources.add(Pair.connect(boundTo(port, Family.IPV4), other, Family.IPV4));

    first.server().send(new byte[100]); // the closed end answers with a reset
    Talk.on(second, 2);
    path.assertPaired(2);
    path.assertRedirected();
  }

  /** Its client never closed it, so its bytes must wait although its ports serve again. */
  @Test
  void whatAConnectionLeftUnreadSurvivesTheReuseOfItsPorts() {
    PosixSocket listener = resources.add(Pair.listen(Family.IPV4));
    int port = freePort(Family.IPV4);
    Pair first = resources.add(Pair.connect(boundTo(port, Family.IPV4), listener, Family.IPV4));
    first.server().sendAll(CONTENT.bytes(0, 100));
    Eventually.assertArrive(100, first.client());
    first.server().resetOnClose().close();

    Pair second = resources.add(Pair.connect(boundTo(port, Family.IPV4), listener, Family.IPV4));
    Talk.on(second, 2);
    assertArrayEquals(CONTENT.bytes(0, 100), first.client().receiveFully(100));
    path.assertRedirected();
  }

  /**
   * Bound to a device each, sockets of one namespace may have all addresses and ports in common.
   */
  @Test
  void theSameAddressesAndPortsOnTwoDevicesStayApart() {
    Namespace client = resources.add(Namespace.create());
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Namespace server = resources.add(Namespace.create());
      String device = Namespace.join(client, "10.55.0.1/24", server, "10.55.0.2/24");
      PosixSocket listener =
          resources.add(
              server.call(() -> reusing(device).bind(any(Family.IPV4), SERVER_PORT).listen(1)));
      PosixSocket caller = client.call(() -> reusing(device).bind(any(Family.IPV4), CLIENT_PORT));
      InetSocketAddress address = new InetSocketAddress("10.55.0.2", SERVER_PORT);
      pairs.add(resources.add(Pair.connect(caller, listener, address)));
    }
    Talk.onAll(pairs);
    path.assertRedirected();
  }

  private static PosixSocket reusing(String device) {
    return Family.IPV4.clientSocket().set(SocketOption.SO_REUSEADDR, 1).bindToDevice(device);
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6", "MAPPED_BOTH"})
  void loopbackPairsWithEqualPortsInTwoNamespacesStayApart(Family family) {
    Namespace left = resources.add(Namespace.create());
    Namespace right = resources.add(Namespace.create());
    Talk.onAll(
        List.of(
            connect(left, left, family, family.loopback()),
            connect(right, right, family, family.loopback())));
    path.assertPaired(2);
    path.assertRedirected();
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void theSameAddressesAndPortsBetweenOtherNamespacesStayApart(Family family) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Namespace client = resources.add(Namespace.create());
      Namespace server = resources.add(Namespace.create());
      boolean inet6 = family == Family.IPV6;
      Namespace.join(
          client,
          inet6 ? "fd55::1/64" : "10.55.0.1/24",
          server,
          inet6 ? "fd55::2/64" : "10.55.0.2/24");
      InetAddress address = Family.address(inet6 ? "fd55::2" : "10.55.0.2");
      pairs.add(connect(client, server, family, address));
    }
    Talk.onAll(pairs);
    path.assertPaired(2);
    path.assertRedirected();
  }

  /**
   * Both shake hands at the same time, between the same addresses and ports, over links that
   * differ.
   */
  @Test
  void handshakesThatLookAlikeStayApart() {
    InetSocketAddress address = new InetSocketAddress("10.77.0.2", SERVER_PORT);
    List<PosixSocket> clients = new ArrayList<>();
    List<PosixSocket> listeners = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      DelayedLink link = resources.add(DelayedLink.create(Duration.ofMillis(50)));
      clients.add(resources.add(link.left().call(() -> boundTo(CLIENT_PORT))));
      listeners.add(resources.add(link.right().call(() -> boundTo(SERVER_PORT).listen(1))));
    }
    for (PosixSocket client : clients) {
      client.nonBlocking(true);
      PosixException e = assertThrows(PosixException.class, () -> client.connect(address));
      assertEquals(Errno.EINPROGRESS, e.errno());
    }
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      PosixSocket server = resources.add(listeners.get(i).accept());
      pairs.add(new Pair(clients.get(i).nonBlocking(false), server));
    }
    Talk.onAll(pairs);
    path.assertPaired(2);
    path.assertRedirected();
  }

  private static PosixSocket boundTo(int port) {
    return Family.IPV4.clientSocket().bind(any(Family.IPV4), port);
  }

  /** The host's own loopback and a namespace's are two places, too. */
  @Test
  void theHostsLoopbackAndANamespacesStayApart() {
    Namespace namespace = resources.add(Namespace.create());
    Pair host = resources.add(Pair.connect(Family.IPV4));
    int clientPort = host.client().localAddress().getPort();
    int serverPort = host.server().localAddress().getPort();
    Pair inside =
        connect(namespace, clientPort, namespace, serverPort, Family.IPV4, Family.IPV4.loopback());
    Talk.onAll(List.of(host, inside));
    path.assertPaired(2);
    path.assertRedirected();
  }

  @Test
  void aConnectionToAServerOutsideTheCgroupIsNotEnrolled() {
    PosixSocket listener = resources.add(path.outside(() -> Pair.listen(Family.IPV4)));
    Talk.on(resources.add(Pair.connect(Family.IPV4.clientSocket(), listener, Family.IPV4)), 1);
    path.assertNothingEnrolled();
  }

  @Test
  void aConnectionFromAClientOutsideTheCgroupIsNotEnrolled() {
    PosixSocket listener = resources.add(Pair.listen(Family.IPV4));
    PosixSocket client = path.outside(Family.IPV4::clientSocket);
    Talk.on(resources.add(Pair.connect(client, listener, Family.IPV4)), 1);
    path.assertNothingEnrolled();
  }

  private Pair connect(Namespace from, Namespace to, Family family, InetAddress address) {
    return connect(from, CLIENT_PORT, to, SERVER_PORT, family, address);
  }

  private Pair connect(
      Namespace from,
      int clientPort,
      Namespace to,
      int serverPort,
      Family family,
      InetAddress address) {
    try (PosixSocket listener =
        to.call(
            () ->
                family
                    .serverSocket()
                    .set(SocketOption.SO_REUSEADDR, 1)
                    .bind(address, serverPort)
                    .listen(1))) {
      PosixSocket client =
          from.call(
              () ->
                  family
                      .clientSocket()
                      .set(SocketOption.SO_REUSEADDR, 1)
                      .bind(any(family), clientPort));
      return resources.add(
          Pair.connect(client, listener, new InetSocketAddress(address, serverPort)));
    }
  }

  private static InetAddress any(Family family) {
    return Family.address(family == Family.IPV6 ? "::" : "0.0.0.0");
  }

  private static PosixSocket boundTo(int port, Family family) {
    PosixSocket socket = family.clientSocket().set(SocketOption.SO_REUSEADDR, 1);
    try {
      return socket.bind(family.loopback(), port);
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static int freePort(Family family) {
    try (PosixSocket socket = family.clientSocket().bind(family.loopback(), 0)) {
      return socket.localAddress().getPort();
    }
  }
}
