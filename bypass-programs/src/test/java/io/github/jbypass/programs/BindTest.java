// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.Users.as;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jbypass.maps.Mesh;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Host;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixSocket;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Linkerd's sidecar binds its inbound port to 127.0.0.1, but other pods have to reach it. */
class BindTest extends InterceptionTest {
  private static final int LINKERD_SIDECAR = 2102;
  private static final int LINKERD_INBOUND = 4143;
  private static final String LOCALHOST = "127.0.0.1";
  private static final String ANY = "0.0.0.0";

  @Override
  Mesh mesh() {
    return Mesh.LINKERD;
  }

  @BeforeEach
  void makePods() {
    intercept();
  }

  @Test
  void theSidecarsInboundPortIsOpened() {
    assertEquals(ANY, boundAs(LINKERD_SIDECAR, server, LOCALHOST, LINKERD_INBOUND));
  }

  @Test
  void aSidecarThatBindsToLocalhostIsReachedByOtherPodsSidecars() {
    PosixSocket sidecar = resources.add(server.client(Family.IPV4));
    as(LINKERD_SIDECAR, () -> sidecar.bind(Family.address(LOCALHOST), LINKERD_INBOUND).listen(1));
    InetSocketAddress target = server.at(Family.IPV4, SERVICE);
    PosixSocket socket = socketIn(client, Family.IPV4);
    as(LINKERD_SIDECAR, () -> socket.connect(target));
    assertOriginalDestination(target, server, resources.add(sidecar.accept()));
  }

  @Test
  void otherPortsStayClosed() {
    assertEquals(LOCALHOST, boundAs(LINKERD_SIDECAR, server, LOCALHOST, 4140));
    assertEquals(LOCALHOST, boundAs(LINKERD_SIDECAR, server, LOCALHOST, 0));
  }

  @Test
  void otherAddressesStay() {
    String own = server.ipv4().getHostAddress();
    assertEquals(own, boundAs(LINKERD_SIDECAR, server, own, LINKERD_INBOUND));
    assertEquals("127.0.0.2", boundAs(LINKERD_SIDECAR, server, "127.0.0.2", LINKERD_INBOUND));
  }

  @Test
  void anApplicationsPortStaysClosed() {
    assertEquals(LOCALHOST, boundAs(0, server, LOCALHOST, LINKERD_INBOUND));
  }

  @Test
  void whoIsInNoPodBindsAsUsual() {
    assertEquals(LOCALHOST, boundAs(LINKERD_SIDECAR, stranger, LOCALHOST, LINKERD_INBOUND));
  }

  @Test
  void aDatagramSocketBindsAsUsual() {
    PosixSocket socket = resources.add(server.udp(Family.IPV4));
    as(LINKERD_SIDECAR, () -> socket.bind(Family.address(LOCALHOST), LINKERD_INBOUND));
    assertEquals(LOCALHOST, socket.localAddress().getAddress().getHostAddress());
  }

  /** There is no passthrough address in this mesh that could tell the two meanings apart. */
  @Test
  void aSidecarsConnectionToItsOwnPodIsLeftAlone() {
    PosixSocket application = serve(client, Family.IPV4, SERVICE);
    PosixSocket socket = socketIn(client, Family.IPV4);
    as(LINKERD_SIDECAR, () -> socket.connect(client.at(Family.IPV4, SERVICE)));
    Pair pair = new Pair(socket, resources.add(application.accept()));
    assertNotLed(client, pair.server());
  }

  private String boundAs(int user, Host host, String address, int port) {
    PosixSocket socket = resources.add(host.client(Family.IPV4));
    as(user, () -> socket.bind(Family.address(address), port));
    return socket.localAddress().getAddress().getHostAddress();
  }
}
