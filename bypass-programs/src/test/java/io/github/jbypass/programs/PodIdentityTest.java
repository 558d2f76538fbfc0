// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.maps.Pod;
import io.github.jbypass.maps.PodPolicy;
import io.github.jbypass.programs.testing.Background;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Host;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PodNetwork;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.ThreadCgroup;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Which pod a process is in: the innermost cgroup that is a pod's decides, else the namespace. */
class PodIdentityTest extends InterceptionTest {
  private static final PodPolicy NOTHING =
      PodPolicy.builder().excludeOutboundPorts(SERVICE).build();

  @Test
  void aNamespacesProcessesAreInItsPod() {
    bypass.pods().add(pod("one", client).build());
    assertCaptured();
  }

  @Test
  void aCgroupsProcessesAreInItsPod() {
    ThreadCgroup container = container("one");
    bypass.pods().add(podOf(container).build());
    container.call(this::assertCaptured);
    assertDirect();
  }

  @Test
  void whatIsBelowACgroupBelongsToIt() {
    ThreadCgroup container = container("one");
    bypass.pods().add(podOf(container).build());
    ThreadCgroup below = resources.add(ThreadCgroup.create(container.cgroup(), "below"));
    ThreadCgroup deeper = resources.add(ThreadCgroup.create(below.cgroup(), "deeper"));
    deeper.call(this::assertCaptured);
  }

  @Test
  void theInnermostCgroupDecides() {
    ThreadCgroup outer = container("outer");
    ThreadCgroup inner = resources.add(ThreadCgroup.create(outer.cgroup(), "inner"));
    bypass.pods().add(Pod.named("outer").cgroup(outer.cgroup()).policy(NOTHING).build());
    bypass.pods().add(Pod.named("inner").cgroup(inner.cgroup()).build());
    inner.call(this::assertCaptured);
    outer.call(this::assertDirect);
  }

  @Test
  void aCgroupDecidesBeforeTheNamespace() {
    ThreadCgroup container = container("one");
    bypass.pods().add(pod("all", client).policy(NOTHING).build());
    bypass.pods().add(Pod.named("one").cgroup(container.cgroup()).build());
    container.call(this::assertCaptured);
    assertDirect();
  }

  @Test
  void aPodMayHaveSeveralCgroups() {
    ThreadCgroup one = container("one");
    ThreadCgroup two = container("two");
    ThreadCgroup other = container("other");
    bypass.pods().add(podOf(one).cgroup(two.cgroup()).build());
    one.call(this::assertCaptured);
    two.call(this::assertCaptured);
    other.call(this::assertDirect);
  }

  @Test
  void whoIsInTheSidecarsCgroupIsTheSidecarWhateverItsUser() {
    ThreadCgroup application = container("application");
    ThreadCgroup sidecar = container("sidecar");
    bypass
        .pods()
        .set(
            List.of(
                podOf(application).sidecarCgroup(sidecar.cgroup()).build(),
                pod("server", server).build()));
    application.call(this::assertCaptured);
    sidecar.call(this::assertDirect);

    PosixSocket inbound = inboundOf(server, Family.IPV4);
    PosixSocket socket = socketIn(client, Family.IPV4);
    sidecar.call(() -> socket.connect(server.at(Family.IPV4, SERVICE)));
    PosixSocket accepted = resources.add(inbound.accept());
    assertOriginalDestination(server.at(Family.IPV4, SERVICE), server, accepted);
  }

  @Test
  void aPodMayBeInANamespaceWithTheSidecarInACgroup() {
    ThreadCgroup sidecar = container("sidecar");
    bypass.pods().add(pod("one", client).sidecarCgroup(sidecar.cgroup()).build());
    assertCaptured();
    sidecar.call(this::assertDirect);
  }

  @Test
  void podsThatShareANamespaceAreToldApartByCgroup() {
    ThreadCgroup one = container("one");
    ThreadCgroup two = container("two");
    bypass
        .pods()
        .set(
            List.of(
                podOf(one).build(), Pod.named("two").cgroup(two.cgroup()).policy(NOTHING).build()));
    one.call(this::assertCaptured);
    two.call(this::assertDirect);
  }

  /** One thread, so one id: what was known of it by id would still hold. */
  @Test
  void whoLeavesTheCgroupLeavesThePod() {
    ThreadCgroup container = container("one");
    bypass.pods().add(podOf(container).build());
    for (int i = 0; i < 3; i++) {
      container.call(this::assertCaptured);
      assertDirect();
    }
  }

  @Test
  void anotherProcessIsInThePodOfItsCgroup() {
    ThreadCgroup container = container("one");
    bypass.pods().add(podOf(container).build());
    PosixSocket sidecar = outboundOf(client, Family.IPV4);
    String script =
        "exec 3<>/dev/tcp/%s/%d; echo hello >&3"
            .formatted(stranger.ipv4().getHostAddress(), SERVICE);
    CompletableFuture<Void> process =
        Background.run(() -> container.execute(client.namespace(), "bash", "-c", script));
    PosixSocket accepted = resources.add(sidecar.accept());
    assertOriginalDestination(stranger.at(Family.IPV4, SERVICE), client, accepted);
    assertArrayEquals("hello\n".getBytes(US_ASCII), accepted.receiveToEnd());
    process.join();
  }

  @Test
  void aPodThatIsRemovedConnectsDirectly() {
    ThreadCgroup container = container("one");
    bypass.pods().add(podOf(container).build());
    container.call(this::assertCaptured);
    assertTrue(bypass.pods().remove("one"));
    container.call(this::assertDirect);
  }

  @Test
  void aNewCgroupOfAnOldNameIsNotInThePodUntilItIsUpdated() {
    ThreadCgroup old = container("one");
    Pod pod = podOf(old).build();
    bypass.pods().add(pod);
    old.close();
    ThreadCgroup young = container("one");
    young.call(this::assertDirect);
    bypass.pods().update(pod);
    young.call(this::assertCaptured);
  }

  @Test
  void podsWhoseCgroupIsGoneDontHinderOthers() {
    ThreadCgroup one = container("one");
    ThreadCgroup two = container("two");
    bypass.pods().add(Pod.named("one").cgroup(one.cgroup()).build());
    bypass.pods().add(Pod.named("two").cgroup(two.cgroup()).build());
    one.close();
    two.close();
    bypass.pods().add(podOf("three", client));
    assertCaptured();
    assertTrue(bypass.pods().remove("one"));
    assertTrue(bypass.pods().remove("two"));
    assertEquals(1, entries("pods"));
  }

  @Test
  void podsWhoseNamespaceIsGoneDontHinderOthers() {
    try (PodNetwork elsewhere = PodNetwork.create()) {
      bypass.pods().add(podOf("one", elsewhere.addHost()));
      bypass.pods().add(podOf("two", elsewhere.addHost()));
    }
    bypass.pods().add(podOf("three", client));
    assertCaptured();
    assertTrue(bypass.pods().remove("one"));
    assertTrue(bypass.pods().remove("two"));
    assertEquals(1, entries("pods"));
  }

  @Test
  void aPodWhoseCgroupIsGoneCannotBeAdded() {
    ThreadCgroup container = container("one");
    Pod pod = podOf(container).build();
    container.close();
    assertThrows(BpfException.class, () -> bypass.pods().add(pod));
    assertEquals(List.of(), bypass.pods().list());
    assertEquals(0, entries("pods"));
  }

  private ThreadCgroup container(String name) {
    Cgroup parent = path.cgroup().cgroup();
    return resources.add(ThreadCgroup.create(parent, name));
  }

  private Pod.Builder podOf(ThreadCgroup container) {
    return Pod.named("one")
        .address(client.ipv4())
        .address(client.ipv6())
        .cgroup(container.cgroup());
  }

  /** Addresses of several networks are the same. */
  private static Pod podOf(String name, Host host) {
    return Pod.named(name).namespace(host.networkNamespace()).build();
  }

  private boolean assertCaptured() {
    try (PosixSocket sidecar = client.listenOnLoopback(Family.IPV4, OUTBOUND)) {
      var target = stranger.at(Family.IPV4, SERVICE);
      try (Pair pair = Pair.connect(client.client(Family.IPV4), sidecar, target)) {
        assertOriginalDestination(target, client, pair.server());
      }
    }
    return true;
  }

  private boolean assertDirect() {
    try (PosixSocket service = stranger.listen(Family.IPV4, SERVICE)) {
      var target = stranger.at(Family.IPV4, SERVICE);
      try (Pair pair = Pair.connect(client.client(Family.IPV4), service, target)) {
        assertNotLed(stranger, pair.server());
      }
    }
    return true;
  }
}
