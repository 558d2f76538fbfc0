// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.programs.testing.DataPath;
import io.github.jbypass.programs.testing.DelayedLink;
import io.github.jbypass.programs.testing.Ending;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.JvmResources;
import io.github.jbypass.programs.testing.Mode;
import io.github.jbypass.programs.testing.Namespace;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixException;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections leave nothing behind when they are over, in the kernel or in this JVM. */
@KernelTest
class LeakTest {
  private static final Map<String, Integer> NOTHING =
      Map.of("sockets", 0, "proxies", 0, "handshakes", 0);
  private static final int ROUNDS = 5;

  private final Resources resources = new Resources();
  private Bypass bypass;

  @BeforeEach
  void attach() {
    bypass =
        resources
            .add(DataPath.open(Mode.ACCELERATED, BypassBuilder::enrolShortConnections))
            .bypass();
  }

  @AfterEach
  void closeAll() {
    resources.close();
  }

  @ParameterizedTest
  @EnumSource
  void aConnectionLeavesNoEntryHoweverItEnds(Ending ending) {
    Namespace namespace = resources.add(Namespace.create());
    namespace.call(() -> run(200, List.of(ending)));
    assertMapsBecome(NOTHING);
  }

  @Test
  void twentyThousandConnectionsLeaveNothing() {
    // Their time-wait sockets disappear with the namespace.
    Namespace namespace = resources.add(Namespace.create());
    assertLeavesNothing(
        () -> {
          namespace.call(() -> run(20_000, List.of(Ending.values())));
          assertMapsBecome(NOTHING);
        });
    assertTrue(bypass.counters().get(Counter.CONNECTIONS_PAIRED) > 15_000);
  }

  /** The client is established, the server's end never comes to be: its backlog is full. */
  @Test
  void halfOpenConnectionsLeaveNothing() {
    PosixSocket listener = resources.add(Pair.listen(Family.IPV4).listen(0));
    try (Resources clients = new Resources()) {
      for (int i = 0; i < 20; i++) {
        PosixSocket client = clients.add(Family.IPV4.clientSocket().nonBlocking(true));
        assertThrows(PosixException.class, () -> client.connect(listener.localAddress()));
      }
      Eventually.pause(Duration.ofMillis(200));
    }
    listener.close();
    assertMapsBecome(NOTHING);
  }

  /**
   * A client that gives up before it is answered has no end that could clean up. Its handshake
   * stays in a map that is bounded and reuses its oldest entries.
   */
  @Test
  void abandonedHandshakesTakeAtMostTheirOwnEntry() {
    DelayedLink link = resources.add(DelayedLink.create(Duration.ofMillis(50)));
    var address = link.rightAddress(Family.IPV4);
    PosixSocket listener =
        resources.add(
            link.right().call(() -> Family.IPV4.serverSocket().bind(address, 0).listen(128)));
    InetSocketAddress destination = new InetSocketAddress(address, listenerPort(listener));
    for (int i = 0; i < 10; i++) {
      try (PosixSocket client = link.left().call(Family.IPV4::clientSocket).nonBlocking(true)) {
        assertThrows(PosixException.class, () -> client.connect(destination));
      }
    }
    Eventually.pause(Duration.ofMillis(200));
    assertEquals(0, count("sockets"));
    assertEquals(0, count("proxies"));
    assertTrue(count("handshakes") <= 10);
  }

  /** As monitoring does while connections come and go. */
  @Test
  void lookingAtTheMapsLeavesNothing() {
    Pair pair = resources.add(Pair.connect(Family.IPV4));
    pair.client().sendAll(new byte[1]);
    assertLeavesNothing(() -> look(5_000));
  }

  @Test
  void loadingAndClosingLeavesNothing() {
    assertLeavesNothing(() -> loadAndClose(10));
  }

  private static int listenerPort(PosixSocket listener) {
    return listener.localAddress().getPort();
  }

  /** In one namespace, by one thread: that many connections, with these ends in turn. */
  private static boolean run(int connections, List<Ending> endings) {
    try (PosixSocket listener = Pair.listen(Family.IPV4);
        PosixSocket listener6 = Pair.listen(Family.IPV6)) {
      for (int i = 0; i < connections; i++) {
        Ending ending = endings.get(i % endings.size());
        if (i / endings.size() % 2 == 0) {
          ending.play(Family.IPV4, listener);
        } else {
          ending.play(Family.IPV6, listener6);
        }
      }
    }
    return true;
  }

  private void look(int times) {
    long[] seen = {0};
    for (int i = 0; i < times; i++) {
      bypass.sockets().forEach((key, cookie) -> seen[0] += cookie);
      bypass.proxies().forEach((key, peer) -> seen[0] += peer.cookie());
      seen[0] += bypass.counters().get(Counter.REDIRECTED);
    }
    assertTrue(seen[0] > 0);
  }

  private void loadAndClose(int times) {
    for (int i = 0; i < times; i++) {
      try (DataPath other = DataPath.open(Mode.ACCELERATED)) {
        assertEquals(0, other.bypass().sockets().size());
      }
    }
  }

  private void assertMapsBecome(Map<String, Integer> expected) {
    Eventually.assertBecomes(
        new TreeMap<>(expected),
        () -> {
          Map<String, Integer> counts = new TreeMap<>();
          expected.keySet().forEach(map -> counts.put(map, count(map)));
          return counts;
        },
        "entries left");
  }

  private int count(String name) {
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

  /** A leak shows each time; what the JVM itself takes, for compiling or collecting, does not. */
  private static void assertLeavesNothing(Runnable work) {
    work.run();
    List<JvmResources> seen = new ArrayList<>(List.of(JvmResources.now()));
    for (int round = 0; round < ROUNDS; round++) {
      work.run();
      seen.add(JvmResources.now());
      if (!seen.getLast().exceed(seen.get(round))) {
        return;
      }
    }
    fail("every round leaves something: " + seen);
  }
}
