// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.Users.asSidecar;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.Pod;
import io.github.jbypass.maps.PodPolicy;
import io.github.jbypass.maps.SocketKey;
import io.github.jbypass.programs.testing.DataPath;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Host;
import io.github.jbypass.programs.testing.Mode;
import io.github.jbypass.programs.testing.OriginalDestination;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PodNetwork;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * Two pods and a host of no pod, whose connections are intercepted. Programs and namespaces serve
 * all tests of a class; pods and sockets are a test's own, and it must leave nothing in the maps.
 */
@KernelTest
@TestInstance(Lifecycle.PER_CLASS)
abstract class InterceptionTest {
  static final int OUTBOUND = 15_001;
  static final int INBOUND = 15_006;
  static final int DNS = 15_053;
  static final int SERVICE = 8080;

  private static final List<String> PER_CONNECTION =
      List.of("dialled", "original_destinations", "arrived");

  private final Resources shared = new Resources();

  /** Closed after each test, latest first. */
  final Resources resources = new Resources();

  DataPath path;
  Bypass bypass;
  PodNetwork network;

  /** Where the application under test lives. */
  Host client;

  /** Where it connects to. */
  Host server;

  /** A host of its own, in no pod. */
  Host stranger;

  private final Map<Host, Long> cookies = new HashMap<>();

  Mesh mesh() {
    return Mesh.ISTIO;
  }

  @BeforeAll
  void open() {
    network = shared.add(PodNetwork.create());
    client = network.addHost();
    server = network.addHost();
    stranger = network.addHost();
    path = shared.add(DataPath.open(Mode.ACCELERATED, builder -> builder.intercept(mesh())));
    bypass = path.bypass();
  }

  @AfterAll
  void closeShared() {
    shared.close();
  }

  @AfterEach
  void closeAll() {
    try {
      resources.close();
    } finally {
      bypass.pods().set(List.of());
    }
    for (String map : PER_CONNECTION) {
      Eventually.assertBecomes(0, () -> entries(map), "entries left in " + map);
    }
  }

  /** A pod that its namespace and both addresses tell. */
  static Pod.Builder pod(String name, Host host) {
    return Pod.named(name)
        .address(host.ipv4())
        .address(host.ipv6())
        .namespace(host.networkNamespace());
  }

  /** Makes the client's host a pod with this policy, and the server's one without any rules. */
  void intercept(PodPolicy.Builder policy) {
    bypass
        .pods()
        .set(
            List.of(
                pod("client", client).policy(policy.build()).build(),
                pod("server", server).build()));
  }

  void intercept() {
    intercept(PodPolicy.builder());
  }

  /** Where a sidecar accepts its application's connections. */
  PosixSocket outboundOf(Host host, Family family) {
    return resources.add(host.listenOnLoopback(family, OUTBOUND));
  }

  /** Where a sidecar accepts connections to its application. */
  PosixSocket inboundOf(Host host, Family family) {
    return resources.add(host.listen(family, INBOUND));
  }

  PosixSocket serve(Host host, Family family, int port) {
    return resources.add(host.listen(family, port));
  }

  /** A socket of an application or a sidecar, as who connects it decides. */
  PosixSocket socketIn(Host host, Family family) {
    return resources.add(host.client(family));
  }

  /** An application connects, and whoever listens there accepts. */
  Pair connect(Host from, Family family, InetSocketAddress target, PosixSocket listener) {
    PosixSocket socket = socketIn(from, family).connect(target);
    return new Pair(socket, resources.add(listener.accept()));
  }

  /** The same by a sidecar. */
  Pair connectAsSidecar(Host from, Family family, InetSocketAddress target, PosixSocket listener) {
    PosixSocket socket = socketIn(from, family);
    asSidecar(() -> socket.connect(target));
    return new Pair(socket, resources.add(listener.accept()));
  }

  /** What both the kernel and the map tell of an accepted connection. */
  void assertOriginalDestination(InetSocketAddress expected, Host host, PosixSocket accepted) {
    assertEquals(Optional.of(expected), OriginalDestination.of(accepted), "SO_ORIGINAL_DST");
    assertEquals(Optional.of(expected), inMap(host, accepted), "in the map");
  }

  /** Fails if the connection was led here. */
  void assertNotLed(Host host, PosixSocket accepted) {
    assertEquals(Optional.empty(), OriginalDestination.of(accepted), "SO_ORIGINAL_DST");
    assertEquals(Optional.empty(), inMap(host, accepted), "in the map");
  }

  private Optional<InetSocketAddress> inMap(Host host, PosixSocket accepted) {
    long cookie = cookies.computeIfAbsent(host, it -> it.networkNamespace().cookie());
    return bypass
        .originalDestinations()
        .get(new SocketKey(cookie, accepted.localAddress(), accepted.peerAddress()));
  }

  int entries(String name) {
    return entries(bypass, name);
  }

  /** Removes what a failed test may have left. */
  void clear(String name) {
    BpfMap map = bypass.object().map(name);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment key = arena.allocate(map.keySize(), 8);
      while (map.nextKey(null, key)) {
        map.delete(key);
      }
    }
  }

  static int entries(Bypass bypass, String name) {
    BpfMap map = bypass.object().map(name);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment key = arena.allocate(map.keySize(), 8);
      int count = 0;
      for (boolean more = map.nextKey(null, key); more; more = map.nextKey(key, key)) {
        count++;
      }
      return count;
    }
  }
}
