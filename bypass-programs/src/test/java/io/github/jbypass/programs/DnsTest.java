// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.Users.as;
import static io.github.jbypass.programs.testing.Users.asSidecar;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jbypass.maps.PodPolicy;
import io.github.jbypass.programs.testing.Datagram;
import io.github.jbypass.programs.testing.Errno;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Host;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixException;
import io.github.jbypass.programs.testing.PosixSocket;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An application asks a name server: its sidecar answers. */
class DnsTest extends InterceptionTest {
  private static final int QUERIES = 53;

  /** What family the server's socket is of plays no role here. */
  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6", "MAPPED_CLIENT"})
  @Retention(RetentionPolicy.RUNTIME)
  private @interface InEachFamily {}

  @InEachFamily
  void theSidecarAnswersAnUnconnectedSocket(Family family) {
    captureDns(true);
    PosixSocket sidecar = sidecarsDns(client, family);
    PosixSocket application = resources.add(client.udp(family));
    ask(application, server.at(family, QUERIES));
    answer(sidecar);
    assertAnsweredBy(server.at(family, QUERIES), application);
  }

  @InEachFamily
  void theSidecarAnswersAConnectedSocket(Family family) {
    captureDns(true);
    PosixSocket sidecar = sidecarsDns(client, family);
    InetSocketAddress target = server.at(family, QUERIES);
    PosixSocket application = resources.add(client.udp(family)).connect(target);
    application.send("query".getBytes(US_ASCII));
    answer(sidecar);
    assertAnsweredBy(target, application);
    assertEquals(target, application.peerAddress());
  }

  @InEachFamily
  void aConnectedSocketCanAskAnotherServer(Family family) {
    captureDns(true);
    PosixSocket sidecar = sidecarsDns(client, family);
    PosixSocket application = resources.add(client.udp(family));
    for (Host host : new Host[] {server, stranger}) {
      application.connect(host.at(family, QUERIES)).send("query".getBytes(US_ASCII));
      answer(sidecar);
      assertAnsweredBy(host.at(family, QUERIES), application);
      application.disconnect();
    }
  }

  /** One socket, two servers: which one a query was for, only its application could tell. */
  @InEachFamily
  void allAnswersComeFromTheServerThatWasAskedLast(Family family) {
    captureDns(true);
    PosixSocket sidecar = sidecarsDns(client, family);
    PosixSocket application = resources.add(client.udp(family));
    ask(application, server.at(family, QUERIES));
    ask(application, stranger.at(family, QUERIES));
    for (int i = 0; i < 2; i++) {
      answer(sidecar);
      assertAnsweredBy(stranger.at(family, QUERIES), application);
    }
  }

  @InEachFamily
  void otherTrafficOfTheSameSocketKeepsItsSource(Family family) {
    captureDns(true);
    PosixSocket sidecar = sidecarsDns(client, family);
    PosixSocket application = resources.add(client.udp(family));
    PosixSocket neighbour = udpServer(client, family, family.loopback(), 9999);
    PosixSocket distant = udpServer(server, family, server.address(family), 9999);
    ask(application, server.at(family, QUERIES));
    answer(sidecar);
    assertAnsweredBy(server.at(family, QUERIES), application);
    for (PosixSocket other : new PosixSocket[] {neighbour, distant}) {
      ask(application, other.localAddress());
      answer(other);
      assertAnsweredBy(other.localAddress(), application);
    }
  }

  @InEachFamily
  void otherPortsAreLeftAlone(Family family) {
    captureDns(true);
    PosixSocket service = udpServer(server, family, server.address(family), 5353);
    PosixSocket application = resources.add(client.udp(family));
    ask(application, service.localAddress());
    answer(service);
    assertAnsweredBy(service.localAddress(), application);
  }

  @InEachFamily
  void theSidecarsOwnQueriesReachTheServer(Family family) {
    captureDns(true);
    PosixSocket nameServer = nameServer(family);
    PosixSocket sidecar = resources.add(client.udp(family));
    asSidecar(() -> sidecar.sendTo(query(), 0, nameServer.localAddress()));
    answer(nameServer);
    assertAnsweredBy(nameServer.localAddress(), sidecar);

    asSidecar(() -> sidecar.connect(nameServer.localAddress()).send(query()));
    answer(nameServer);
    assertAnsweredBy(nameServer.localAddress(), sidecar);
  }

  @InEachFamily
  void withoutCaptureQueriesReachTheServer(Family family) {
    captureDns(false);
    PosixSocket nameServer = nameServer(family);
    PosixSocket application = resources.add(client.udp(family));
    ask(application, nameServer.localAddress());
    answer(nameServer);
    assertAnsweredBy(nameServer.localAddress(), application);
  }

  @Test
  void anExcludedUsersQueriesReachTheServer() {
    intercept(PodPolicy.builder().captureDns(true).excludeUsers(4242));
    PosixSocket nameServer = nameServer(Family.IPV4);
    PosixSocket application = resources.add(client.udp(Family.IPV4));
    as(4242, () -> application.sendTo(query(), 0, nameServer.localAddress()));
    answer(nameServer);
    assertAnsweredBy(nameServer.localAddress(), application);
  }

  @InEachFamily
  void aServerOfThePodItselfIsAskedDirectly(Family family) {
    captureDns(true);
    PosixSocket nameServer = udpServer(client, family, family.loopback(), QUERIES);
    PosixSocket application = resources.add(client.udp(family));
    ask(application, nameServer.localAddress());
    answer(nameServer);
    assertAnsweredBy(nameServer.localAddress(), application);
  }

  @Test
  void withoutASidecarAConnectedSocketIsRefused() {
    captureDns(true);
    PosixSocket application =
        resources.add(client.udp(Family.IPV4)).connect(server.at(Family.IPV4, QUERIES));
    application.send(query());
    assertEquals(
        Errno.ECONNREFUSED,
        assertThrows(PosixException.class, () -> application.receive(1)).errno());
  }

  @InEachFamily
  void queriesOverTcpGoToTheSidecarsDns(Family family) {
    captureDns(true);
    PosixSocket sidecar = resources.add(client.listenOnLoopback(family, DNS));
    Pair pair = connect(client, family, server.at(family, QUERIES), sidecar);
    assertOriginalDestination(server.at(family, QUERIES), client, pair.server());
    assertEquals(server.at(family, QUERIES), pair.client().peerAddress());
  }

  @InEachFamily
  void withoutCaptureQueriesOverTcpAreLikeAnyOther(Family family) {
    captureDns(false);
    Pair pair = connect(client, family, server.at(family, QUERIES), outboundOf(client, family));
    assertOriginalDestination(server.at(family, QUERIES), client, pair.server());
  }

  private void captureDns(boolean capture) {
    intercept(PodPolicy.builder().captureDns(capture));
  }

  private PosixSocket sidecarsDns(Host host, Family family) {
    return udpServer(host, family, family.loopback(), DNS);
  }

  private PosixSocket nameServer(Family family) {
    return udpServer(server, family, server.address(family), QUERIES);
  }

  private PosixSocket udpServer(Host host, Family family, InetAddress address, int port) {
    return resources.add(host.udp(family)).bind(address, port);
  }

  private static byte[] query() {
    return "query".getBytes(US_ASCII);
  }

  private static void ask(PosixSocket from, InetSocketAddress server) {
    from.sendTo(query(), 0, server);
  }

  private static void answer(PosixSocket at) {
    Datagram query = at.receiveFrom();
    assertEquals("query", query.text());
    at.sendTo("answer".getBytes(US_ASCII), 0, query.source());
  }

  private static void assertAnsweredBy(InetSocketAddress expected, PosixSocket application) {
    Datagram answer = application.receiveFrom();
    assertEquals("answer", answer.text());
    assertEquals(expected, answer.source());
  }
}
