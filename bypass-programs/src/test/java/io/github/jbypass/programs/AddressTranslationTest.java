// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Namespace;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.Talk;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Through the netfilter rules of a mesh, where the two ends see one connection differently. */
class AddressTranslationTest extends DataPathTest {
  private static final InetAddress POD = Family.address("10.66.0.1");
  private static final InetAddress NEIGHBOUR = Family.address("10.66.0.2");
  private static final InetSocketAddress SERVICE = new InetSocketAddress(NEIGHBOUR, 80);
  private static final int OUTBOUND = 15001;
  private static final int INBOUND = 15006;

  private Namespace pod;
  private Namespace neighbour;

  @BeforeEach
  void joinTwoPods() {
    pod = resources.add(Namespace.create());
    neighbour = resources.add(Namespace.create());
    Namespace.join(pod, "10.66.0.1/24", neighbour, "10.66.0.2/24");
  }

  /** An application's call is turned to the sidecar in its own pod. */
  @Test
  void anOutboundCallIsPairedWithTheSidecarThatItIsTurnedTo() {
    nat(pod, "OUTPUT", "-d 10.66.0.2 -p tcp --dport 80 -j REDIRECT --to-ports 15001");
    Pair pair = connect(pod, pod, Family.address("127.0.0.1"), OUTBOUND);
    assertEquals(SERVICE, pair.client().peerAddress());
    assertNotEquals(SERVICE, pair.server().localAddress());
    Talk.on(pair, 1);
    path.assertRedirected();
  }

  /** A neighbour's call is turned to the sidecar of the pod that it reaches. */
  @Test
  void anInboundCallIsPairedWithTheSidecarThatItIsTurnedTo() {
    nat(neighbour, "PREROUTING", "-p tcp --dport 80 -j REDIRECT --to-ports 15006");
    Pair pair = connect(pod, neighbour, NEIGHBOUR, INBOUND);
    assertEquals(SERVICE, pair.client().peerAddress());
    assertEquals(INBOUND, pair.server().localAddress().getPort());
    Talk.on(pair, 1);
    path.assertRedirected();
  }

  /** The destination is one that exists nowhere, as a service's virtual address. */
  @Test
  void aCallToAVirtualAddressIsPairedWithItsRealDestination() {
    pod.execute("ip", "route", "add", "10.96.0.0/16", "via", "10.66.0.2");
    nat(pod, "OUTPUT", "-d 10.96.0.10 -p tcp -j DNAT --to 10.66.0.2:80");
    Pair pair = connect(pod, neighbour, NEIGHBOUR, 80, new InetSocketAddress("10.96.0.10", 443));
    assertEquals(SERVICE, pair.server().localAddress());
    Talk.on(pair, 1);
    path.assertRedirected();
  }

  /** The server sees an address that is not its client's: paired or not, no byte may stray. */
  @Test
  void aCallWhoseSourceIsHiddenArrives() {
    pod.address("lo", "10.67.0.1/32");
    neighbour.execute("ip", "route", "add", "10.67.0.1", "via", "10.66.0.1");
    nat(pod, "POSTROUTING", "-p tcp -j SNAT --to 10.67.0.1");
    Pair pair = connect(pod, neighbour, NEIGHBOUR, 80);
    assertEquals(POD, pair.client().localAddress().getAddress());
    assertEquals(Family.address("10.67.0.1"), pair.server().peerAddress().getAddress());
    Talk.on(pair, 1);
  }

  private static void nat(Namespace namespace, String chain, String rule) {
    String command = "iptables-legacy -w -t nat -A " + chain + " " + rule;
    namespace.execute(command.split(" "));
  }

  private Pair connect(Namespace from, Namespace to, InetAddress address, int port) {
    return connect(from, to, address, port, SERVICE);
  }

  private Pair connect(
      Namespace from, Namespace to, InetAddress address, int port, InetSocketAddress called) {
    try (PosixSocket listener =
        to.call(() -> Family.IPV4.serverSocket().bind(address, port).listen(1))) {
      PosixSocket client = from.call(Family.IPV4::clientSocket);
      return resources.add(Pair.connect(client, listener, called));
    }
  }
}
