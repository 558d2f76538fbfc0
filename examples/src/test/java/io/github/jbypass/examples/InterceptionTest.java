// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.jbypass.examples.rig.TestMesh;
import io.github.jbypass.examples.rig.TestMesh.Place;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.testing.KernelTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two pods with HAProxy as sidecars, a remote host, and no netfilter rule. */
@KernelTest
@Timeout(120)
class InterceptionTest {
  private static final int CONNECTIONS = 500;
  private static final InetAddress PASSTHROUGH = InetAddress.ofLiteral("127.0.0.6");
  private static final InetAddress PASSTHROUGH6 = InetAddress.ofLiteral("::6");

  private TestMesh mesh;
  private Bypass bypass;

  @BeforeEach
  void startMesh() throws Exception {
    mesh = TestMesh.start("interception");
    bypass = Bypass.builder().cgroup(mesh.cgroup()).intercept(Mesh.ISTIO).load();
    bypass.pods().set(List.of(mesh.pod(Place.A).build(), mesh.pod(Place.B).build()));
    bypass.attach();
    mesh.startSidecars();
  }

  @AfterEach
  void removeMesh() {
    try (var _ = mesh;
        var _ = bypass) {
      assertThat(mesh.netfilter()).isEmpty();
    }
  }

  @Test
  void betweenPodsBothSidecarsLearnWhereConnectionsWereMeantToGo() throws Exception {
    try (Echo echo = Echo.start(mesh, Place.B, 0)) {
      converse(Place.A, Place.B.ipv4(), echo.port());
      assertThat(echo.clients()).containsExactly(PASSTHROUGH);
      awaitServed(Place.A, "outbound", Place.B.ipv4(), echo.port());
      awaitServed(Place.B, "inbound", Place.B.ipv4(), echo.port());
      assertThat(count(Counter.CONNECTIONS_INTERCEPTED)).isEqualTo(2 * CONNECTIONS);
    }
  }

  @Test
  void whatAPodAsksOfItselfByAServicePassesItsSidecarTwice() throws Exception {
    try (Echo echo = Echo.start(mesh, Place.A, 0)) {
      converse(Place.A, TestMesh.SERVICE_OF_ITS_OWN, echo.port());
      assertThat(echo.clients()).containsExactly(PASSTHROUGH);
      awaitServed(Place.A, "outbound", TestMesh.SERVICE_OF_ITS_OWN, echo.port());
      awaitServed(Place.A, "inbound", Place.A.ipv4(), echo.port());
    }
  }

  @Test
  void fromARemoteHostTheServersSidecarIsReached() throws Exception {
    try (Echo echo = Echo.start(mesh, Place.B, 0)) {
      converse(Place.REMOTE, Place.B.ipv4(), echo.port());
      assertThat(echo.clients()).containsExactly(PASSTHROUGH);
      awaitServed(Place.B, "inbound", Place.B.ipv4(), echo.port());
    }
  }

  @Test
  void betweenPodsOverIpv6() throws Exception {
    try (Echo echo = Echo.start(mesh, Place.B, TestMesh.PORT6);
        Crowd crowd = crowd(Place.A, Place.B.ipv6(), TestMesh.PORT6)) {
      crowd.talk(1, 1000);
      assertThat(echo.clients()).containsExactly(PASSTHROUGH6);
      assertThat(originalDestinations(Place.B.ipv6(), TestMesh.PORT6)).isEqualTo(2 * CONNECTIONS);
      crowd.finish();
    }
    awaitNoOriginalDestinations();
  }

  @Test
  void fromARemoteHostOverIpv6() throws Exception {
    try (Echo echo = Echo.start(mesh, Place.B, TestMesh.PORT6);
        Crowd crowd = crowd(Place.REMOTE, Place.B.ipv6(), TestMesh.PORT6)) {
      crowd.talk(1, 1000);
      assertThat(echo.clients()).containsExactly(PASSTHROUGH6);
      assertThat(originalDestinations(Place.B.ipv6(), TestMesh.PORT6)).isEqualTo(CONNECTIONS);
      crowd.finish();
    }
    awaitNoOriginalDestinations();
  }

  @Test
  void withoutASidecarConnectionsAreRefusedAtOnce() throws Exception {
    try (Echo echo = Echo.start(mesh, Place.B, 0)) {
      mesh.stopSidecar(Place.A);
      mesh.stopSidecar(Place.B);
      for (Place client : List.of(Place.A, Place.REMOTE)) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> Crowd.connect(mesh, client, 1, Place.B.ipv4(), echo.port()))
            .isInstanceOf(ConnectException.class)
            .hasMessageContaining("refused");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
      }
      assertThat(echo.clients()).isEmpty();
    }
  }

  @Test
  void podsThatAreRemovedTalkDirectly() throws Exception {
    try (Echo echo = Echo.start(mesh, Place.B, 0)) {
      bypass.pods().set(List.of());
      for (Place client : List.of(Place.A, Place.REMOTE)) {
        try (Crowd crowd = Crowd.connect(mesh, client, 3, Place.B.ipv4(), echo.port())) {
          crowd.talk(1, 10);
        }
        assertThat(echo.clients()).containsExactly(InetAddress.ofLiteral(client.ipv4()));
      }
    }
  }

  /** Otherwise its client, which sends the SYN again, would be answered by two servers. */
  @Test
  void aConnectionWhoseHandshakeHasBegunIsNotLedAnyMore() throws Exception {
    try (Echo echo = Echo.start(mesh, Place.B, 0)) {
      bypass.pods().set(List.of());
      mesh.losePacketsTo(Place.REMOTE, true);
      int port = echo.port();
      var connecting = CompletableFuture.supplyAsync(() -> connectFromRemote(port));
      Thread.sleep(300);
      bypass.pods().set(List.of(mesh.pod(Place.B).build()));
      mesh.losePacketsTo(Place.REMOTE, false);
      try (Crowd crowd = connecting.get()) {
        crowd.talk(1, 1000);
        crowd.finish();
      }
      assertThat(echo.clients()).containsExactly(InetAddress.ofLiteral(Place.REMOTE.ipv4()));
    }
  }

  private Crowd connectFromRemote(int port) {
    try {
      return Crowd.connect(mesh, Place.REMOTE, 1, Place.B.ipv4(), port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Crowd crowd(Place from, String address, int port) throws Exception {
    return Crowd.connect(mesh, from, CONNECTIONS, address, port);
  }

  private void converse(Place from, String address, int port) throws Exception {
    try (Crowd crowd = crowd(from, address, port)) {
      crowd.talk(1, 1000);
      crowd.finish();
    }
  }

  private long count(Counter counter) {
    return bypass.counters().get(counter);
  }

  private void awaitServed(Place sidecar, String side, String address, int port)
      throws InterruptedException {
    String destination = address + ":" + port;
    Eventually.check(
        () -> assertThat(mesh.served(sidecar, side, destination)).isEqualTo(CONNECTIONS));
    assertThat(mesh.output(sidecar, "haproxy").stream().filter(line -> line.startsWith(side + " ")))
        .as("nothing else was learned")
        .containsOnly(side + " " + destination);
  }

  private int originalDestinations(String address, int port) {
    InetSocketAddress wanted = new InetSocketAddress(InetAddress.ofLiteral(address), port);
    int[] found = {0};
    bypass
        .originalDestinations()
        .forEach(
            (_, destination) -> {
              assertThat(destination).isEqualTo(wanted);
              found[0]++;
            });
    return found[0];
  }

  private void awaitNoOriginalDestinations() throws InterruptedException {
    Eventually.check(() -> assertThat(bypass.originalDestinations().size()).isZero());
  }
}
