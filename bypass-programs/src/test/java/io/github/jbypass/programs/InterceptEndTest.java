// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.Users.asSidecar;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.jbypass.core.NetworkDevice;
import io.github.jbypass.core.TcDirection;
import io.github.jbypass.core.TcFilter;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.Pod;
import io.github.jbypass.programs.testing.Agent;
import io.github.jbypass.programs.testing.DataPath;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Host;
import io.github.jbypass.programs.testing.JvmResources;
import io.github.jbypass.programs.testing.Mode;
import io.github.jbypass.programs.testing.OriginalDestination;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PodNetwork;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.programs.testing.Traffic;
import io.github.jbypass.programs.testing.Traffic.Shape;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Interception ends, in good order or not: what was led goes on, what is new goes straight. */
@KernelTest
class InterceptEndTest {
  private static final int OUTBOUND = 15_001;
  private static final int INBOUND = 15_006;
  private static final int SERVICE = 8080;
  private static final int ROUNDS = 5;

  private final Resources resources = new Resources();
  private Host client;
  private Host server;
  private Host stranger;

  @BeforeEach
  void makeHosts() {
    PodNetwork network = resources.add(PodNetwork.create());
    client = network.addHost();
    server = network.addHost();
    stranger = network.addHost();
  }

  @AfterEach
  void closeAll() {
    resources.close();
  }

  @Test
  void anIdlePodsInterfaceIsAsBefore() {
    String before = qdiscs(server);
    DataPath path = open();
    assertEquals(List.of(1, 1), filters(server));
    assertNotEquals(before, qdiscs(server));
    path.bypass().close();
    assertEquals(List.of(0, 0), filters(server));
    assertEquals(before, qdiscs(server));
  }

  @Test
  void aPodThatIsRemovedLeavesNoFilters() {
    DataPath path = open();
    path.bypass().pods().remove("server");
    assertEquals(List.of(0, 0), filters(server));
    assertEquals(List.of(1, 1), filters(client));
  }

  @Test
  void connectionsGoOnWhenItIsClosed() {
    DataPath path = open();
    List<Pair> pairs = leadOneOfEachKind(path.cgroup());
    Talk.onAll(pairs);
    path.bypass().close();
    Talk.onAll(pairs);
    assertEquals(List.of(1, 1), filters(server), "that the connection from outside needs");
    pairs.forEach(Pair::close);
  }

  @Test
  void newConnectionsGoStraightWhenItIsClosed() {
    DataPath path = open();
    leadOneOfEachKind(path.cgroup());
    path.bypass().close();
    assertNewConnectionsGoStraight(path.cgroup());
  }

  @Test
  void connectionsGoOnWhenTheAgentIsKilled() {
    TestCgroup cgroup = resources.add(TestCgroup.create());
    Agent agent = resources.add(Agent.start(cgroup.path(), client, server));
    cgroup.enter();
    List<Pair> pairs = leadOneOfEachKind(cgroup);
    Traffic traffic = resources.add(Traffic.start(pairs, Shape.endless()));
    traffic.awaitMore(300);
    agent.kill();
    traffic.awaitMore(300);
    traffic.stop().await();
    assertNewConnectionsGoStraight(cgroup);
    resources.add(cgroup::leave);
  }

  @Test
  void aNewAgentLeadsNewConnectionsWhileThoseOfAKilledOneGoOn() {
    TestCgroup cgroup = resources.add(TestCgroup.create());
    Agent agent = resources.add(Agent.start(cgroup.path(), client, server));
    cgroup.enter();
    List<Pair> old = leadOneOfEachKind(cgroup);
    agent.kill();
    cgroup.leave();
    resources.add(Agent.start(cgroup.path(), client, server));
    cgroup.enter();
    List<Pair> young = leadOneOfEachKind(cgroup);
    Talk.onAll(old);
    Talk.onAll(young);
    resources.add(cgroup::leave);
  }

  @Test
  void anotherAgentLeavesTheFiltersOfOneThatLeads() {
    open();
    TestCgroup other = resources.add(TestCgroup.create());
    Agent agent = resources.add(Agent.start(other.path(), client, server));
    assertEquals(List.of(2, 2), filters(server));
    agent.kill();
    assertEquals(List.of(2, 2), filters(server));
  }

  @Test
  void openingAndClosingLeavesNothing() {
    open(); // what is made once for the whole process is there now
    List<JvmResources> seen = new ArrayList<>(List.of(JvmResources.now()));
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < 3; i++) {
        try (Resources once = new Resources()) {
          Bypass bypass = once.add(open(List.of(client))).bypass();
          bypass.pods().add(pod("stranger", stranger));
        }
      }
      seen.add(JvmResources.now());
      if (!seen.getLast().exceed(seen.get(round))) {
        return;
      }
    }
    fail("every round leaves something: " + seen);
  }

  private DataPath open() {
    return resources.add(open(List.of(client, server)));
  }

  private DataPath open(List<Host> hosts) {
    DataPath path = DataPath.open(Mode.ACCELERATED, builder -> builder.intercept(Mesh.ISTIO));
    for (Host host : hosts) {
      path.bypass().pods().add(pod(host == client ? "client" : "server", host));
    }
    return path;
  }

  private static Pod pod(String name, Host host) {
    return Pod.named(name)
        .address(host.ipv4())
        .address(host.ipv6())
        .namespace(host.networkNamespace())
        .build();
  }

  /** An application to its sidecar, a sidecar to another, and somebody outside to a sidecar. */
  private List<Pair> leadOneOfEachKind(TestCgroup cgroup) {
    InetSocketAddress target = server.at(Family.IPV4, SERVICE);
    List<Pair> pairs = new ArrayList<>();
    try (PosixSocket sidecar = client.listenOnLoopback(Family.IPV4, OUTBOUND)) {
      pairs.add(Pair.connect(client.client(Family.IPV4), sidecar, target));
    }
    try (PosixSocket sidecar = server.listen(Family.IPV4, INBOUND)) {
      pairs.add(asSidecar(() -> Pair.connect(client.client(Family.IPV4), sidecar, target)));
      pairs.add(Pair.connect(fromOutside(cgroup), sidecar, target));
    }
    for (Pair pair : pairs) {
      resources.add(pair);
      assertEquals(Optional.of(target), OriginalDestination.of(pair.server()));
    }
    return pairs;
  }

  private PosixSocket fromOutside(TestCgroup cgroup) {
    cgroup.leave();
    try {
      return stranger.client(Family.IPV4);
    } finally {
      cgroup.enter();
    }
  }

  private void assertNewConnectionsGoStraight(TestCgroup cgroup) {
    InetSocketAddress target = server.at(Family.IPV4, SERVICE);
    try (PosixSocket service = server.listen(Family.IPV4, SERVICE)) {
      for (PosixSocket socket : List.of(client.client(Family.IPV4), fromOutside(cgroup))) {
        Pair pair = resources.add(Pair.connect(socket, service, target));
        Talk.on(pair, 1);
      }
    }
  }

  /** How many there are, of received and of sent packets. */
  private static List<Integer> filters(Host host) {
    NetworkDevice device = host.networkNamespace().device(host.device());
    return List.of(
        TcFilter.list(device, TcDirection.INGRESS).size(),
        TcFilter.list(device, TcDirection.EGRESS).size());
  }

  private static String qdiscs(Host host) {
    return host.namespace().execute("tc", "qdisc", "show", "dev", host.device());
  }
}
