// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.NetworkDevice;
import io.github.jbypass.core.TcDirection;
import io.github.jbypass.core.TcFilter;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.Pod;
import io.github.jbypass.programs.testing.Background;
import io.github.jbypass.programs.testing.Ending;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Host;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PodNetwork;
import io.github.jbypass.programs.testing.PosixException;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Who may remove whose filters, and when they begin to lead. */
@KernelTest
class AbandonedFiltersTest {
  private static final int SERVICE = 8080;

  private final Resources resources = new Resources();
  private Host server;
  private Host stranger;
  private NetworkDevice device;
  private TestCgroup cgroup;

  @BeforeEach
  void makeHosts() {
    PodNetwork network = resources.add(PodNetwork.create());
    server = network.addHost();
    stranger = network.addHost();
    device = server.networkNamespace().device(server.device());
    cgroup = resources.add(TestCgroup.create());
  }

  @AfterEach
  void closeAll() {
    resources.close();
  }

  /** As an agent does that is just about to attach the one for received packets. */
  @Test
  void aFilterWhosePartnerIsYetToComeStaysWhileItsProcessLives() {
    Bypass bypass = resources.add(load());
    attach(bypass, "answer_for_pod", TcDirection.EGRESS);
    AbandonedFilters.remove(device);
    assertEquals(List.of(0, 1), filters());
    bypass.close();
    AbandonedFilters.remove(device);
    assertEquals(List.of(0, 0), filters());
  }

  @Test
  void filtersOfAProcessThatHasNotAttachedYetStay() {
    Bypass bypass = resources.add(load());
    bypass.pods().add(pod());
    AbandonedFilters.remove(device);
    assertEquals(List.of(1, 1), filters());
  }

  /** Without them, the client would be answered from a port that it does not know. */
  @Test
  void filtersStayForASecondWhileAClientIsAboutToBeAnswered() {
    Bypass bypass = resources.add(load()).attach();
    bypass.pods().add(pod());
    server.namespace().execute("ip", "route", "add", "blackhole", stranger.ipv4().getHostAddress());
    PosixSocket client = resources.add(stranger.client(Family.IPV4)).nonBlocking(true);
    assertThrows(PosixException.class, () -> client.connect(server.at(Family.IPV4, SERVICE)));
    long begun = System.nanoTime();
    var closing = Background.run(bypass::close);
    while (!filters().equals(List.of(0, 0))) {
      AbandonedFilters.remove(device);
    }
    assertTrue(System.nanoTime() - begun >= Duration.ofSeconds(1).toNanos());
    closing.join();
  }

  /** The programs of the control groups are gone: only packets tell. */
  @ParameterizedTest
  @EnumSource(mode = Mode.MATCH_NONE, names = ".*(AGAIN|ACCEPT|REFUSED|UNACCEPTED)")
  void filtersGoOnceTheirLastConnectionHasEnded(Ending ending) {
    Bypass bypass = resources.add(load()).attach();
    bypass.pods().add(pod());
    Pair pair = resources.add(connectTo(15_006));
    bypass.close();
    Talk.on(pair, 1);
    AbandonedFilters.remove(device);
    assertEquals(List.of(1, 1), filters());
    ending.end(pair);
    Eventually.assertBecomes(List.of(0, 0), this::filtersThatAreNeeded, "filters");
  }

  private List<Integer> filtersThatAreNeeded() {
    AbandonedFilters.remove(device);
    return filters();
  }

  @Test
  void filtersOfOthersStay() {
    Bypass bypass = resources.add(load());
    TcFilter others =
        program(bypass, "lead_to_sidecar")
            .attachPersistent(device, TcDirection.INGRESS, "others", 1);
    bypass.close();
    AbandonedFilters.remove(device);
    assertEquals(List.of(1, 0), filters());
    others.detach();
  }

  /** Where nobody would tell the sidecar its destination, it must not get the connection. */
  @Test
  void nothingIsLedBeforeTheProgramsOfTheControlGroupsAreAttached() {
    Bypass bypass = resources.add(load());
    bypass.pods().add(pod());
    assertReached(SERVICE);
    bypass.attach();
    assertReached(15_006);
    bypass.close();
    assertReached(SERVICE);
  }

  /** To the service, accepted by whoever listens on the port. */
  private void assertReached(int port) {
    try (Pair pair = connectTo(port)) {
      Talk.on(pair, port);
    }
  }

  private Pair connectTo(int port) {
    cgroup.enter();
    PosixSocket listener = server.listen(Family.IPV4, port);
    cgroup.leave();
    try (listener) {
      return Pair.connect(stranger.client(Family.IPV4), listener, server.at(Family.IPV4, SERVICE));
    }
  }

  /** Each with its own: an agent's filters are never another one's to remove. */
  @Test
  void agentsThatComeAndGoAtOnceLeaveEachOthersFiltersAlone() {
    Bypass one = resources.add(load()).attach();
    Bypass other = resources.add(load()).attach();
    for (int round = 0; round < 20; round++) {
      var first = Background.run(() -> one.pods().add(pod()));
      other.pods().add(pod());
      first.join();
      assertEquals(List.of(2, 2), filters());
      one.pods().remove("server");
      other.pods().remove("server");
    }
    assertEquals(List.of(0, 0), filters());
  }

  private Bypass load() {
    return Bypass.builder().cgroup(cgroup.cgroup()).intercept(Mesh.ISTIO).load();
  }

  private Pod pod() {
    return Pod.named("server")
        .address(server.ipv4())
        .address(server.ipv6())
        .namespace(server.networkNamespace())
        .build();
  }

  private void attach(Bypass bypass, String program, TcDirection direction) {
    program(bypass, program).attachPersistent(device, direction, "jbypass-" + program, 15_001);
  }

  private static BpfProgram program(Bypass bypass, String name) {
    return bypass.object().program(name);
  }

  private List<Integer> filters() {
    List<Integer> counts = new ArrayList<>();
    for (TcDirection direction : List.of(TcDirection.INGRESS, TcDirection.EGRESS)) {
      counts.add(TcFilter.list(device, direction).size());
    }
    return counts;
  }
}
