// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.Users.asSidecar;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.maps.Pod;
import io.github.jbypass.maps.PodPolicy;
import io.github.jbypass.programs.testing.Acceptor;
import io.github.jbypass.programs.testing.Background;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.OriginalDestination;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.ThreadCgroup;
import io.github.jbypass.programs.testing.Traffic;
import io.github.jbypass.programs.testing.Traffic.Shape;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Changes of several pods at once take effect in one step. */
class PodChangeTest extends InterceptionTest {
  private static final int CHANGES = 1000;
  private static final int CALLERS = 3;
  private static final int ADDRESSES = 20;
  private static final Family FAMILY = Family.IPV4;

  private final AtomicBoolean over = new AtomicBoolean();

  /**
   * By turns, the caller is a sidecar and the server a pod, or the caller an application and the
   * server no pod. Only a mixture, a sidecar that connects to no pod, reaches the server directly.
   */
  @Test
  void noConnectionSeesAMixtureOfWhatWasAndWhatIs() {
    ThreadCgroup container =
        resources.add(ThreadCgroup.create(path.cgroup().cgroup(), "container"));
    PodPolicy othersAreSidecars = PodPolicy.builder().sidecarUser(1).sidecarGroup(1).build();
    List<Pod> sidecarCallsPod =
        List.of(
            withManyAddresses(pod("caller", client), 1).build(),
            withManyAddresses(Pod.named("called"), 2)
                .address(server.ipv4())
                .cgroup(container.cgroup())
                .build());
    List<Pod> applicationCallsHost =
        List.of(withManyAddresses(pod("caller", client), 1).policy(othersAreSidecars).build());

    Acceptor inbound = answerAt(server.listen(FAMILY, INBOUND));
    Acceptor outbound = answerAt(client.listenOnLoopback(FAMILY, OUTBOUND));
    Acceptor direct = answerAt(server.listen(FAMILY, SERVICE));
    bypass.pods().set(sidecarCallsPod);
    List<CompletableFuture<Void>> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      callers.add(Background.run(() -> asSidecar(this::callUntilOver)));
    }
    for (int i = 0; i < CHANGES; i++) {
      bypass.pods().set(i % 2 == 0 ? applicationCallsHost : sidecarCallsPod);
    }
    over.set(true);
    callers.forEach(CompletableFuture::join);

    assertEquals(0, direct.accepted(), "saw a sidecar and no pod");
    assertTrue(
        inbound.accepted() > CHANGES / 10 && outbound.accepted() > CHANGES / 10,
        () -> "too few to tell: " + inbound.accepted() + " and " + outbound.accepted());
    List.of(inbound, outbound).forEach(Acceptor::throwFailures);
  }

  /** The kernel is told them one by one, which takes time enough to meet a connection. */
  private static Pod.Builder withManyAddresses(Pod.Builder pod, int network) {
    for (int i = 0; i < ADDRESSES; i++) {
      pod.address("10.20%d.0.%d".formatted(network, i));
    }
    return pod;
  }

  @Test
  void connectionsThatExistAreNotDisturbed() {
    intercept();
    List<Pair> pairs =
        List.of(
            connect(client, FAMILY, server.at(FAMILY, SERVICE), outboundOf(client, FAMILY)),
            connectAsSidecar(
                client, FAMILY, server.at(FAMILY, SERVICE), inboundOf(server, FAMILY)));
    Traffic traffic = resources.add(Traffic.start(pairs, Shape.endless()));
    for (int i = 0; i < 50; i++) {
      bypass.pods().set(i % 2 == 0 ? List.of() : List.of(pod("client", server).build()));
    }
    traffic.awaitMore(100);
    traffic.stop().await();
    pairs.forEach(
        pair ->
            assertEquals(
                Optional.of(server.at(FAMILY, SERVICE)), OriginalDestination.of(pair.server())));
  }

  /** Tells the caller when it may close: the connection is a whole one then. */
  private Acceptor answerAt(PosixSocket listener) {
    Optional<InetSocketAddress> expected = Optional.of(server.at(FAMILY, SERVICE));
    return resources.add(
        Acceptor.start(
            listener,
            accepted -> {
              assertEquals(expected, OriginalDestination.of(accepted));
              accepted.sendAll(new byte[1]);
            }));
  }

  private boolean callUntilOver() {
    while (!over.get()) {
      try (PosixSocket socket = client.client(FAMILY).resetOnClose()) {
        socket.connect(server.at(FAMILY, SERVICE)).receiveFully(1);
      }
    }
    return true;
  }
}
