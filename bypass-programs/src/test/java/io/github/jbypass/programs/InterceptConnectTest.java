// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.Users.asSidecar;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.maps.Counter;
import io.github.jbypass.programs.testing.Errno;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.OriginalDestination;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Posix;
import io.github.jbypass.programs.testing.PosixException;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.SocketOption;
import io.github.jbypass.programs.testing.Talk;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An application of a mesh pod connects: its sidecar gets the connection. */
class InterceptConnectTest extends InterceptionTest {
  private static final byte[] HELLO = {'h', 'i'};

  @BeforeEach
  void makePods() {
    intercept();
  }

  @ParameterizedTest
  @EnumSource
  void theSidecarAcceptsTheConnectionAndLearnsItsDestination(Family family) {
    InetSocketAddress target = server.at(family, SERVICE);
    Pair pair = connect(client, family, target, outboundOf(client, family));
    assertOriginalDestination(target, client, pair.server());
    Talk.on(pair, 1);
  }

  @ParameterizedTest
  @EnumSource
  void theApplicationSeesTheAddressThatItAskedForAndItsPodsOwn(Family family) {
    InetSocketAddress target = server.at(family, SERVICE);
    Pair pair = connect(client, family, target, outboundOf(client, family));
    assertEquals(target, pair.client().peerAddress());
    assertEquals(client.address(family), pair.client().localAddress().getAddress());
  }

  @ParameterizedTest
  @EnumSource
  void theSidecarSeesWhereTheConnectionComesFrom(Family family) {
    PosixSocket sidecar = outboundOf(client, family);
    Pair pair = connect(client, family, server.at(family, SERVICE), sidecar);
    assertEquals(pair.client().localAddress(), pair.server().peerAddress());
    assertEquals(sidecar.localAddress(), pair.server().localAddress());
  }

  @Test
  void aMappedSocketAnswersInBothFamilies() {
    InetSocketAddress target = server.at(Family.MAPPED_BOTH, SERVICE);
    PosixSocket sidecar = outboundOf(client, Family.MAPPED_SERVER);
    PosixSocket accepted = connect(client, Family.IPV4, target, sidecar).server();
    assertEquals(
        Optional.of(target),
        OriginalDestination.at(
            OriginalDestination.SOL_IP, OriginalDestination.SOCKADDR_IN, accepted));
    assertEquals(
        Optional.of(target),
        OriginalDestination.at(
            OriginalDestination.SOL_IPV6, OriginalDestination.SOCKADDR_IN6, accepted));
  }

  @ParameterizedTest
  @EnumSource
  void connectionsAreAcceleratedAsWell(Family family) {
    long before = bypass.counters().get(Counter.REDIRECTED);
    Pair pair = connect(client, family, server.at(family, SERVICE), outboundOf(client, family));
    Talk.on(pair, 2);
    assertTrue(bypass.counters().get(Counter.REDIRECTED) > before);
  }

  @ParameterizedTest
  @EnumSource
  void anAddressThatTheApplicationBoundStays(Family family) {
    client.namespace().address(client.device(), "10.88.1.77/24");
    client.namespace().address(client.device(), "fd88:1::77/64");
    try {
      var own = Family.address(family == Family.IPV6 ? "fd88:1::77" : "10.88.1.77");
      PosixSocket socket = socketIn(client, family).bind(own, 4711);
      InetSocketAddress target = server.at(family, SERVICE);
      PosixSocket sidecar = outboundOf(client, family);
      socket.connect(target);
      PosixSocket accepted = resources.add(sidecar.accept());
      assertEquals(new InetSocketAddress(own, 4711), accepted.peerAddress());
      assertOriginalDestination(target, client, accepted);
    } finally {
      resources.close();
      client.namespace().execute("ip", "address", "del", "10.88.1.77/24", "dev", client.device());
      client.namespace().execute("ip", "address", "del", "fd88:1::77/64", "dev", client.device());
    }
  }

  /** As IP_BIND_ADDRESS_NO_PORT has it, which leaves the port to connect. */
  @Test
  void anAddressThatTheApplicationBoundWithoutPortStays() {
    client.namespace().address(client.device(), "10.88.1.78/24");
    try {
      var own = Family.address("10.88.1.78");
      PosixSocket socket =
          socketIn(client, Family.IPV4).set(SocketOption.IP_BIND_ADDRESS_NO_PORT, 1).bind(own, 0);
      PosixSocket sidecar = outboundOf(client, Family.IPV4);
      socket.connect(server.at(Family.IPV4, SERVICE));
      assertEquals(own, resources.add(sidecar.accept()).peerAddress().getAddress());
    } finally {
      resources.close();
      client.namespace().execute("ip", "address", "del", "10.88.1.78/24", "dev", client.device());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPortThatTheApplicationBoundStays(Family family) {
    var any = Family.address(family == Family.IPV6 ? "::" : "0.0.0.0");
    PosixSocket socket = socketIn(client, family).bind(any, 4712);
    PosixSocket sidecar = outboundOf(client, family);
    InetSocketAddress target = server.at(family, SERVICE);
    socket.connect(target);
    PosixSocket accepted = resources.add(sidecar.accept());
    assertEquals(4712, accepted.peerAddress().getPort());
    assertOriginalDestination(target, client, accepted);
  }

  @ParameterizedTest
  @EnumSource
  void aNonBlockingConnectEndsAsUsual(Family family) {
    PosixSocket sidecar = outboundOf(client, family);
    PosixSocket socket = socketIn(client, family).nonBlocking(true);
    InetSocketAddress target = server.at(family, SERVICE);
    assertEquals(
        Errno.EINPROGRESS,
        assertThrows(PosixException.class, () -> socket.connect(target)).errno());
    PosixSocket accepted = resources.add(sidecar.accept());
    assertEquals(Posix.POLLOUT, socket.poll(Posix.POLLOUT, PosixSocket.PATIENCE));
    assertEquals(0, socket.get(SocketOption.SO_ERROR));
    assertEquals(target, socket.peerAddress());
    assertOriginalDestination(target, client, accepted);
  }

  @ParameterizedTest
  @EnumSource
  void withoutASidecarTheConnectionIsRefusedAtOnce(Family family) {
    serve(server, family, SERVICE);
    PosixSocket socket = socketIn(client, family);
    long start = System.nanoTime();
    assertRefused(() -> socket.connect(server.at(family, SERVICE)));
    assertTrue(Duration.ofNanos(System.nanoTime() - start).toMillis() < 900, "took too long");
  }

  @ParameterizedTest
  @EnumSource
  void aSocketThatWasRefusedConnectsElsewhere(Family family) {
    PosixSocket socket = socketIn(client, family);
    assertRefused(() -> socket.connect(server.at(family, SERVICE)));
    PosixSocket sidecar = outboundOf(client, family);
    InetSocketAddress other = stranger.at(family, 9090);
    socket.connect(other);
    assertEquals(other, socket.peerAddress());
    assertOriginalDestination(other, client, resources.add(sidecar.accept()));
  }

  @ParameterizedTest
  @EnumSource
  void aSocketThatWasRefusedReachesItsOwnPod(Family family) {
    PosixSocket socket = socketIn(client, family);
    assertRefused(() -> socket.connect(server.at(family, SERVICE)));
    PosixSocket neighbour = resources.add(client.listenOnLoopback(family, SERVICE));
    socket.connect(neighbour.localAddress());
    PosixSocket accepted = resources.add(neighbour.accept());
    assertEquals(neighbour.localAddress(), socket.peerAddress());
    assertNotLed(client, accepted);
  }

  @ParameterizedTest
  @EnumSource
  void aSocketThatWasDisconnectedConnectsElsewhere(Family family) {
    PosixSocket sidecar = outboundOf(client, family);
    PosixSocket socket = socketIn(client, family).connect(server.at(family, SERVICE));
    resources.add(sidecar.accept());
    socket.disconnect();
    InetSocketAddress other = stranger.at(family, 9090);
    socket.connect(other);
    PosixSocket accepted = resources.add(sidecar.accept());
    assertOriginalDestination(other, client, accepted);
    assertEquals(other, socket.peerAddress());
    Talk.on(new Pair(socket, accepted), 3);
  }

  @ParameterizedTest
  @EnumSource
  void aSocketThatWasDisconnectedAndIsLeftAloneTellsTheTruth(Family family) {
    PosixSocket sidecar = outboundOf(client, family);
    PosixSocket socket = socketIn(client, family).connect(server.at(family, SERVICE));
    resources.add(sidecar.accept());
    socket.disconnect();
    PosixSocket neighbour = resources.add(client.listenOnLoopback(family, 9091));
    socket.connect(neighbour.localAddress());
    resources.add(neighbour.accept());
    assertEquals(neighbour.localAddress(), socket.peerAddress());
  }

  @ParameterizedTest
  @EnumSource
  void fastOpenIsLedToo(Family family) {
    client.namespace().sysctl("ipv4/tcp_fastopen", "3");
    PosixSocket sidecar = outboundOf(client, family);
    InetSocketAddress target = server.at(family, SERVICE);
    for (int i = 0; i < 2; i++) { // the first one fetches the cookie
      PosixSocket socket = socketIn(client, family);
      socket.sendTo(HELLO, PosixSocket.MSG_FASTOPEN, target);
      PosixSocket accepted = resources.add(sidecar.accept());
      assertArrayEquals(HELLO, accepted.receiveFully(HELLO.length));
      assertOriginalDestination(target, client, accepted);
      assertEquals(target, socket.peerAddress());
    }
  }

  /** Its subflow is what is led, so that only the sidecar learns where it was meant to go. */
  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void aMultipathConnectionIsLedAndKeepsItsDestination(Family family) {
    PosixSocket sidecar = outboundOf(client, family);
    PosixSocket socket =
        resources.add(
            client
                .namespace()
                .call(
                    () ->
                        PosixSocket.multipath(
                            family == Family.IPV6
                                ? PosixSocket.Domain.INET6
                                : PosixSocket.Domain.INET)));
    InetSocketAddress target = server.at(family, SERVICE);
    socket.connect(target);
    PosixSocket accepted = resources.add(sidecar.accept());
    assertOriginalDestination(target, client, accepted);
    assertEquals(sidecar.localAddress(), socket.peerAddress());
    Talk.on(new Pair(socket, accepted), 5);
  }

  @ParameterizedTest
  @EnumSource
  void theLoopbackIsLeftAlone(Family family) {
    outboundOf(client, family);
    PosixSocket neighbour = resources.add(client.listenOnLoopback(family, SERVICE));
    Pair pair = connect(client, family, neighbour.localAddress(), neighbour);
    assertNotLed(client, pair.server());
  }

  @ParameterizedTest
  @EnumSource
  void thePodsOwnAddressIsLeftAlone(Family family) {
    outboundOf(client, family);
    PosixSocket neighbour = serve(client, family, SERVICE);
    Pair pair = connect(client, family, client.at(family, SERVICE), neighbour);
    assertNotLed(client, pair.server());
  }

  @ParameterizedTest
  @EnumSource
  void whoIsInNoPodIsLeftAlone(Family family) {
    outboundOf(stranger, family);
    PosixSocket service = resources.add(stranger.listen(family, SERVICE));
    Pair pair = connect(stranger, family, stranger.at(family, SERVICE), service);
    assertNotLed(stranger, pair.server());
  }

  @ParameterizedTest
  @EnumSource
  void aSidecarsConnectionToAnotherPodGoesToThatPodsSidecar(Family family) {
    InetSocketAddress target = server.at(family, SERVICE);
    Pair pair = connectAsSidecar(client, family, target, inboundOf(server, family));
    assertOriginalDestination(target, server, pair.server());
    assertEquals(client.address(family), pair.server().peerAddress().getAddress());
    Talk.on(pair, 4);
  }

  @ParameterizedTest
  @EnumSource
  void aSidecarSeesWhatItIsReallyConnectedTo(Family family) {
    Pair pair =
        connectAsSidecar(client, family, server.at(family, SERVICE), inboundOf(server, family));
    assertEquals(server.at(family, INBOUND), pair.client().peerAddress());
  }

  @ParameterizedTest
  @EnumSource
  void aSidecarsConnectionToWhoIsInNoPodIsLeftAlone(Family family) {
    PosixSocket service = serve(stranger, family, SERVICE);
    Pair pair = connectAsSidecar(client, family, stranger.at(family, SERVICE), service);
    assertNotLed(stranger, pair.server());
  }

  @ParameterizedTest
  @EnumSource
  void aSidecarReachesItsApplicationOverTheLoopback(Family family) {
    PosixSocket application = resources.add(client.listenOnLoopback(family, SERVICE));
    Pair pair = connectAsSidecar(client, family, application.localAddress(), application);
    assertNotLed(client, pair.server());
  }

  /** As a pod does that calls a service which it serves itself. */
  @ParameterizedTest
  @EnumSource
  void aSidecarsConnectionToItsOwnPodGoesToItsInboundSide(Family family) {
    serve(client, family, SERVICE);
    InetSocketAddress target = client.at(family, SERVICE);
    Pair pair = connectAsSidecar(client, family, target, inboundOf(client, family));
    assertOriginalDestination(target, client, pair.server());
  }

  @ParameterizedTest
  @EnumSource
  void fromThePassthroughAddressASidecarReachesItsApplication(Family family) {
    boolean ipv6 = family == Family.IPV6;
    if (ipv6) {
      client.namespace().execute("ip", "address", "add", "::6/128", "dev", "lo");
    }
    try {
      PosixSocket application = serve(client, family, SERVICE);
      PosixSocket socket =
          socketIn(client, family).bind(Family.address(ipv6 ? "::6" : "127.0.0.6"), 0);
      asSidecar(() -> socket.connect(client.at(family, SERVICE)));
      assertNotLed(client, resources.add(application.accept()));
    } finally {
      if (ipv6) {
        resources.close();
        client.namespace().execute("ip", "address", "del", "::6/128", "dev", "lo");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsLeftOfAConnectionThatASidecarOutsideTheControlGroupAccepts(Family family) {
    InetSocketAddress target = server.at(family, SERVICE);
    Pair pair = connect(client, family, target, outsideTheCgroup(() -> outboundOf(client, family)));
    assertNotLed(client, pair.server());
    Talk.on(pair, 1);
    pair.client().close(); // and see the maps after each test
  }

  /** A socket stays in the control group that it was made in. */
  private PosixSocket outsideTheCgroup(Supplier<PosixSocket> make) {
    path.cgroup().leave();
    try {
      return make.get();
    } finally {
      path.cgroup().enter();
    }
  }

  private static void assertRefused(Executable connect) {
    assertEquals(Errno.ECONNREFUSED, assertThrows(PosixException.class, connect).errno());
  }
}
