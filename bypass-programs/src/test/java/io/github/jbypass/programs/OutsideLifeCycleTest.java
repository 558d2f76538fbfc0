// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.core.NetworkDevice;
import io.github.jbypass.core.TcDirection;
import io.github.jbypass.core.TcFilter;
import io.github.jbypass.core.TestBpfFileSystem;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.Pod;
import io.github.jbypass.maps.PodPolicy;
import io.github.jbypass.programs.testing.Agent;
import io.github.jbypass.programs.testing.Caller;
import io.github.jbypass.programs.testing.Epoll;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Host;
import io.github.jbypass.programs.testing.OriginalDestination;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PodNetwork;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.programs.testing.SocketOption;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.programs.testing.Traffic;
import io.github.jbypass.programs.testing.Traffic.Shape;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a pinned data path does with connections from outside, with and without an agent. */
@KernelTest
class OutsideLifeCycleTest {
  private static final int INBOUND = 15_006;
  private static final int SERVICE = 8080;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Resources resources = new Resources();
  private Host server;
  private Host other;
  private Host stranger;
  private TestCgroup cgroup;
  private Path pins;
  private PosixSocket sidecar;

  @BeforeEach
  void makeHosts() {
    pins = resources.add(new TestBpfFileSystem()).file("bypass");
    PodNetwork network = resources.add(PodNetwork.create());
    server = network.addHost();
    other = network.addHost();
    stranger = network.addHost();
    cgroup = resources.add(TestCgroup.create());
    cgroup.enter();
    sidecar = resources.add(server.listen(Family.IPV4, INBOUND));
    sidecar.timeout(SocketOption.SO_RCVTIMEO, PATIENCE);
    cgroup.leave();
    resources.add(() -> Bypass.uninstall(pins)); // whatever a test leaves
  }

  @AfterEach
  void closeAll() {
    cgroup.leave();
    resources.close();
  }

  @Test
  void connectionsGoOnAndNewOnesAreLedAfterTheAgentIsKilled() {
    Agent agent = resources.add(Agent.startPinned(cgroup.path(), pins, server));
    Traffic traffic = liveTraffic();
    Caller caller = caller();
    caller.awaitMore(20);
    agent.kill();
    caller.awaitMore(100);
    traffic.awaitMore(300);
    caller.stop();
    traffic.stop().await();
    assertEquals(List.of(1, 1), filters(server));
  }

  @Test
  void anotherAgentLeavesAPinnedDataPathThatHasNoProcessAlone() {
    pinned(server).close();
    TestCgroup elsewhere = resources.add(TestCgroup.create());
    Bypass another = Bypass.builder().cgroup(elsewhere.cgroup()).intercept(Mesh.ISTIO).load();
    try (another) {
      another.attach().pods().add(pod(server));
      assertEquals(List.of(2, 2), filters(server));
    }
    assertEquals(List.of(1, 1), filters(server));
    assertLed();
  }

  @Test
  void anAgentTakesFiltersOverInTheirPlacesWhileConnectionsComeAndGo() {
    pinned(server).close();
    Traffic traffic = liveTraffic();
    Caller caller = caller();
    for (int round = 0; round < 3; round++) {
      List<Integer> programs = programs(server);
      List<String> places = places(all(server));
      Bypass next = resources.add(load());
      next.pods().add(pod(server));
      caller.awaitMore(20);
      assertEquals(programs, programs(server), "not before it attaches");
      next.attach();
      assertEquals(places, places(all(server)));
      for (int program : programs(server)) {
        assertFalse(programs.contains(program), "an old program in the place of a new one");
      }
      caller.awaitMore(20);
      next.close();
    }
    caller.awaitMore(20);
    traffic.awaitMore(300);
    caller.stop();
    traffic.stop().await();
  }

  @Test
  void untilAnAgentAttachesTheOldPodsCount() {
    pinned(server).close();
    Bypass next = resources.add(load());
    next.pods()
        .add(
            builder(server)
                .policy(PodPolicy.builder().excludeInboundPorts(SERVICE).build())
                .build());
    assertLed();
    next.attach();
    assertNotLed();
    next.close();
    assertNotLed();
  }

  @Test
  void anAgentThatAdoptsButNeverAttachesChangesNothing() {
    pinned(server).close();
    List<Integer> programs = programs(server);
    try (Bypass next = load()) {
      next.pods().add(pod(server));
      next.pods().add(pod(other));
      assertEquals(List.of(1, 1), filters(other));
    }
    assertEquals(List.of(0, 0), filters(other));
    assertEquals(programs, programs(server));
    assertLed();
  }

  @Test
  void filtersThatSomebodyRemovedBeforeAnAgentAttachesAreThereAgain() {
    pinned(server).close();
    Bypass next = resources.add(load());
    next.pods().add(pod(server));
    all(server).forEach(TcFilter::detach);
    assertEquals(List.of(0, 0), filters(server));
    next.attach();
    assertEquals(List.of(1, 1), filters(server));
    assertLed();
  }

  @Test
  void whereNoPodIsAnyMoreFiltersGoWhenAnAgentTakesOver() {
    pinned(server, other).close();
    Bypass next = resources.add(load());
    next.pods().add(pod(server));
    assertEquals(List.of(1, 1), filters(other));
    next.attach();
    assertEquals(List.of(0, 0), filters(other));
    assertEquals(List.of(1, 1), filters(server));
    next.close();
  }

  @Test
  void whereNoPodIsAnyMoreFiltersStayWhileConnectionsNeedThem() {
    pinned(server, other).close();
    Pair live = connect();
    Bypass next = resources.add(load().attach());
    assertEquals(List.of(0, 0), filters(other));
    assertEquals(List.of(1, 1), filters(server));
    Talk.on(live, 1);
    assertNotLed();
    end(live);
    next.pods().add(pod(other));
    assertEquals(List.of(0, 0), filters(server));
  }

  @Test
  void nothingIsLedAnyMoreWhenSomebodyRemovesThePins() throws IOException {
    pinned(server).close();
    Pair live = connect();
    try (Stream<Path> files = Files.walk(pins)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    assertTrue(Eventually.within(PATIENCE, this::isReachedDirectly));
    assertNotLed();
    Talk.on(live, 1);
    end(live);
    try (Bypass next = load().attach()) {
      next.pods().add(pod(server));
      assertEquals(List.of(1, 1), filters(server), "only its own");
      assertLed();
    }
  }

  @Test
  void unloadingLeavesNoFilters() {
    Bypass bypass = pinned(server, other);
    assertLed();
    bypass.unload();
    assertEquals(List.of(0, 0), filters(server));
    assertEquals(List.of(0, 0), filters(other));
    assertNotLed();
  }

  @Test
  void unloadingLeavesWhatConnectionsNeed() {
    Bypass bypass = pinned(server, other);
    Pair live = connect();
    bypass.unload();
    assertEquals(List.of(1, 1), filters(server));
    assertEquals(List.of(0, 0), filters(other));
    Talk.on(live, 1);
    assertNotLed();
  }

  @Test
  void uninstallingLeavesNoFilters() {
    pinned(server, other).close();
    assertLed();
    var report = Bypass.uninstall(pins);
    assertEquals(List.of(), report.filters());
    assertEquals(0, report.connections());
    assertFalse(report.hasUnreachedFilters());
    assertEquals(List.of(0, 0), filters(server));
    assertEquals(List.of(0, 0), filters(other));
    assertNotLed();
  }

  @Test
  void uninstallingLeavesAndNamesWhatConnectionsNeed() {
    pinned(server, other).close();
    Pair live = connect();
    var report = Bypass.uninstall(pins);
    assertEquals(1, report.connections());
    assertEquals(places(all(server)), places(report.filters()));
    assertEquals(List.of(0, 0), filters(other));
    Talk.on(live, 1);
    assertNotLed();
    end(live);
    pinned(other).close();
    Bypass.uninstall(pins);
    assertEquals(List.of(0, 0), filters(server), "that of the data path before");
  }

  /** With the programs that would have told, nobody forgets it. */
  @Test
  void aConnectionThatIsResetAfterUninstallingKeepsNoFilters() {
    pinned(server).close();
    Pair live = connect();
    Bypass.uninstall(pins);
    live.server().resetOnClose().close();
    live.client().close();
    assertEquals(List.of(1, 1), filters(server));
    NetworkDevice device = server.networkNamespace().device(server.device());
    Eventually.assertBecomes( // the kernel is late to empty the map that says who stays
        List.of(0, 0),
        () -> {
          AbandonedFilters.remove(device);
          return filters(server);
        },
        "filters");
  }

  @Test
  void connectionsThatAreMadeWhileItIsUninstalledAllSucceed() {
    pinned(server).close();
    Traffic traffic = liveTraffic();
    cgroup.enter();
    PosixSocket service = resources.add(server.listen(Family.IPV4, SERVICE));
    cgroup.leave();
    Caller caller = resources.add(Caller.start(() -> callAny(List.of(sidecar, service))));
    caller.awaitMore(20);
    Bypass.uninstall(pins);
    caller.awaitMore(20);
    caller.stop();
    traffic.awaitMore(100);
    traffic.stop().await();
  }

  /** Only a socket keeps it. */
  @Test
  void uninstallingTellsThatThereAreFiltersInANamespaceThatCantBeFound() {
    PodNetwork network = PodNetwork.create();
    Host hidden = network.addHost();
    hidden.namespace().execute("ip", "link", "add", "bridge", "type", "bridge");
    pinned(hidden).close();
    PosixSocket keeper = resources.add(hidden.client(Family.IPV4));
    network.close();
    var report = Bypass.uninstall(pins);
    assertEquals(List.of(), report.filters());
    assertTrue(report.hasUnreachedFilters());
    keeper.close();
  }

  @Test
  void aDataPathOfAnotherLayoutLeadsWhatIsNewWhileTheOldOneDrains() {
    pinned(server).close();
    Traffic traffic = liveTraffic();
    Pair live = connect();
    Caller caller = caller();
    caller.awaitMore(20);
    Bypass next = resources.add(builder().maxConnections(500).adopt(pins));
    next.pods().add(pod(server));
    next.attach();
    caller.awaitMore(50);
    caller.stop();
    assertEquals(List.of(2, 2), filters(server));
    assertEquals(1, next.retirePredecessors());
    Talk.on(live, 1);
    traffic.awaitMore(100);
    traffic.stop().await();
    traffic.close();
    end(live);
    Eventually.assertBecomes(0, next::retirePredecessors, "old data paths");
    assertEquals(List.of(1, 1), filters(server));
    assertLed();
    next.close();
  }

  private BypassBuilder builder() {
    return Bypass.builder().cgroup(cgroup.cgroup()).intercept(Mesh.ISTIO).maxConnections(1000);
  }

  private Bypass load() {
    return builder().adoptOrLoad(pins);
  }

  /** A pinned data path with these pods. */
  private Bypass pinned(Host... hosts) {
    Bypass bypass = resources.add(load());
    bypass.pods().set(Stream.of(hosts).map(OutsideLifeCycleTest::pod).toList());
    return bypass.attach();
  }

  private static Pod pod(Host host) {
    return builder(host).build();
  }

  private static Pod.Builder builder(Host host) {
    return Pod.named(host.device())
        .address(host.ipv4())
        .address(host.ipv6())
        .namespace(host.networkNamespace());
  }

  /** Over IPv6, so that nobody else accepts it. */
  private Traffic liveTraffic() {
    PosixSocket client = stranger.client(Family.IPV6);
    cgroup.enter();
    try (PosixSocket listener = server.listen(Family.IPV6, INBOUND)) {
      Pair pair = resources.add(Pair.connect(client, listener, server.at(Family.IPV6, SERVICE)));
      return resources.add(Traffic.start(List.of(pair), Shape.endless()));
    } finally {
      cgroup.leave();
    }
  }

  private Caller caller() {
    return resources.add(Caller.start(() -> connect(stranger.client(Family.IPV4)).close()));
  }

  private void callAny(List<PosixSocket> listeners) {
    try (PosixSocket socket = stranger.client(Family.IPV4)) {
      socket.connect(server.at(Family.IPV4, SERVICE));
      try (Pair pair = new Pair(socket, acceptFromAny(listeners))) {
        Talk.on(pair, 3);
      }
    }
  }

  private Pair connect() {
    return resources.add(connect(stranger.client(Family.IPV4)));
  }

  private Pair connect(PosixSocket socket) {
    InetSocketAddress target = server.at(Family.IPV4, SERVICE);
    socket.connect(target);
    Pair pair = new Pair(socket, sidecar.accept());
    assertEquals(Optional.of(target), OriginalDestination.of(pair.server()));
    Talk.on(pair, 2);
    return pair;
  }

  private void assertLed() {
    connect(stranger.client(Family.IPV4)).close();
  }

  private void assertNotLed() {
    assertTrue(isReachedDirectly());
  }

  private boolean isReachedDirectly() {
    cgroup.enter();
    try (PosixSocket service = server.listen(Family.IPV4, SERVICE);
        PosixSocket socket = stranger.client(Family.IPV4).connect(server.at(Family.IPV4, SERVICE));
        PosixSocket accepted = acceptFromAny(List.of(service, sidecar))) {
      return accepted.localAddress().getPort() == SERVICE
          && accepted.peerAddress().equals(socket.localAddress());
    } finally {
      cgroup.leave();
    }
  }

  private static PosixSocket acceptFromAny(List<PosixSocket> listeners) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      for (PosixSocket listener : listeners) {
        if (listener.poll(Epoll.EPOLLIN, Duration.ofMillis(1)) != 0) {
          return listener.accept();
        }
      }
    }
    throw new AssertionError("nobody accepts the connection");
  }

  /** Ends a connection in good order, so that both ends have seen it. */
  private static void end(Pair pair) {
    pair.client().shutdownOutput();
    pair.server().receiveToEnd();
    pair.server().shutdownOutput();
    pair.client().receiveToEnd();
    pair.close();
  }

  private static List<Integer> filters(Host host) {
    NetworkDevice device = host.networkNamespace().device(host.device());
    return Stream.of(TcDirection.INGRESS, TcDirection.EGRESS)
        .map(direction -> TcFilter.list(device, direction).size())
        .toList();
  }

  private static List<TcFilter> all(Host host) {
    NetworkDevice device = host.networkNamespace().device(host.device());
    List<TcFilter> all = new ArrayList<>(TcFilter.list(device, TcDirection.INGRESS));
    all.addAll(TcFilter.list(device, TcDirection.EGRESS));
    return all;
  }

  private static List<Integer> programs(Host host) {
    return all(host).stream().map(filter -> filter.info().program()).toList();
  }

  private static List<String> places(List<TcFilter> filters) {
    return filters.stream()
        .map(f -> f.device() + " " + f.direction() + " " + f.priority() + " " + f.handle())
        .toList();
  }
}
