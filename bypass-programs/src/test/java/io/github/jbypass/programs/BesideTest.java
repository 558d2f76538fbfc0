// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.programs.testing.Traffic;
import io.github.jbypass.programs.testing.Traffic.Shape;
import io.github.jbypass.testing.KernelTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is pinned is of another layout: it drains beside the one that can't adopt it. */
@KernelTest
class BesideTest extends PinnedCase {
  private static final int OTHER = 1000;

  @Test
  void newConnectionsAreTheNewOnesAndTheOldOneEndsWithItsLast() throws Exception {
    builder().load().attach().pinTo(pins).close();
    Pair old = connect();
    Talk.on(old, 1);

    Bypass bypass = resources.add(builder().maxConnections(OTHER).adopt(pins).attach());
    assertEquals(0, bypass.counters().get(Counter.CONNECTIONS_PAIRED));
    Talk.on(connect(), 2);
    assertEquals(1, bypass.counters().get(Counter.CONNECTIONS_PAIRED));
    long redirected = bypass.counters().get(Counter.REDIRECTED);
    Talk.on(old, 3);
    assertEquals(redirected, bypass.counters().get(Counter.REDIRECTED), "the old one's connection");
    assertEquals(1, bypass.retirePredecessors());
    assertEquals(2, layouts());

    old.close();
    Eventually.assertBecomes(0, bypass::retirePredecessors, "predecessors");
    assertEquals(1, layouts());
    Talk.on(connect(), 4);
  }

  @Test
  void underLoadNothingIsLost() throws Exception {
    builder().load().attach().pinTo(pins).close();
    Traffic old = resources.add(Traffic.start(connect(8), Shape.endless()));
    old.awaitMore(500);
    Bypass bypass = resources.add(builder().maxConnections(OTHER).adopt(pins).attach());
    Traffic young = resources.add(Traffic.start(connect(8), Shape.endless()));
    young.awaitMore(500);
    assertTrue(bypass.counters().get(Counter.REDIRECTED) > 0);
    old.awaitMore(500);
    old.stop().await();
    old.close();
    young.stop().await();
  }

  @Test
  void withAndWithoutInterceptionAreTwoLayouts() throws Exception {
    builder().load().attach().pinTo(pins).close();
    builder().intercept(Mesh.ISTIO).adopt(pins).attach().close();
    assertEquals(1, layouts(), "the first had no connections");
    Talk.on(connect(), 1);
    Bypass bypass = resources.add(builder().adopt(pins).attach());
    Talk.on(connect(), 2);
    assertEquals(1, bypass.counters().get(Counter.CONNECTIONS_PAIRED));
  }

  /** And back again, after a new version did not please. */
  @Test
  void theOldOneIsAdoptedAgainWhileItDrains() throws Exception {
    builder().load().attach().pinTo(pins).close();
    Pair first = connect();
    builder().maxConnections(OTHER).adopt(pins).attach().close();
    Pair second = connect();
    Bypass bypass = adopt().attach();
    Talk.on(connect(), 1);
    assertEquals(2, bypass.counters().get(Counter.CONNECTIONS_PAIRED), "without the second");
    Talk.on(first, 2);
    Talk.on(second, 3);
    assertEquals(1, bypass.retirePredecessors());
    second.close();
    Eventually.assertBecomes(0, bypass::retirePredecessors, "predecessors");
    Talk.on(first, 4);
  }

  @Test
  void whatIsSwitchedOffStaysOffAndOneSwitchIsForBoth() {
    Bypass old = builder().load().attach().pinTo(pins);
    old.disable();
    Pair pair = connect();
    old.close();

    Bypass bypass = resources.add(builder().maxConnections(OTHER).adopt(pins).attach());
    assertFalse(bypass.isEnabled());
    Talk.on(List.of(pair, connect()).getFirst(), 1);
    assertEquals(0, bypass.counters().get(Counter.REDIRECTED));
    bypass.enable();
    Talk.on(pair, 2);
    bypass.disable();
    long redirected = redirected(pair);
    assertTrue(redirected > 0, "it was switched on for both");
    Talk.on(pair, 3);
    assertEquals(redirected, redirected(pair));
  }

  @Test
  void unloadedBothAreGone() {
    builder().load().attach().pinTo(pins).close();
    Pair old = connect();
    Bypass bypass = builder().maxConnections(OTHER).adopt(pins).attach();
    Pair young = connect();
    bypass.unload();
    assertFalse(Files.exists(pins));
    Talk.onAll(List.of(old, young));
  }

  @Test
  void whatIsSwitchedOffWhileItsSuccessorLoadsStaysOff() {
    builder().load().attach().pinTo(pins).close();
    Bypass bypass = resources.add(builder().maxConnections(OTHER).adopt(pins));
    try (PinnedBypass pinned = PinnedBypass.at(pins)) {
      pinned.disable();
    }
    assertFalse(bypass.attach().isEnabled());
  }

  @Test
  void beforeItsSuccessorIsAttachedTheOldOneDrains() {
    builder().load().attach().pinTo(pins).close();
    Bypass successor = builder().maxConnections(OTHER).adopt(pins);
    assertTrue(successor.drain(Duration.ofSeconds(20)).isDrained());
    Talk.on(connect(), 1);
    successor.close();
    try (Bypass old = adopt()) {
      assertEquals(0, old.counters().get(Counter.SOCKETS_ENROLLED));
      old.enable();
    }
    Talk.on(connect(), 2);
    assertEquals(1, adopt().counters().get(Counter.CONNECTIONS_PAIRED));
  }

  @Test
  void anOldOneWhosePinsAreDamagedIsLeftToUninstalling() throws Exception {
    builder().load().attach().pinTo(pins).close();
    Path sockets = layout().resolve("sockets");
    Pair old = connect();
    Bypass bypass = builder().maxConnections(OTHER).adopt(pins).attach();
    Files.delete(sockets);
    assertEquals(0, bypass.retirePredecessors());
    bypass.close();
    Bypass.uninstall(pins);
    assertFalse(Files.exists(pins));
    Talk.on(old, 1);
  }

  @Test
  void anOldOneThatWasRemovedByHandIsForgotten() throws Exception {
    builder().load().attach().pinTo(pins).close();
    Path layout = layout();
    Pair old = connect();
    Bypass bypass = resources.add(builder().maxConnections(OTHER).adopt(pins).attach());
    try (var files = Files.list(layout)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(layout);
    assertEquals(0, bypass.retirePredecessors());
    Talk.on(old, 1);
  }

  private Path layout() throws Exception {
    try (var files = Files.list(pins)) {
      return files.toList().getFirst();
    }
  }

  /** By whichever of all that run on this host the connection is served. */
  private static long redirected(Pair pair) {
    List<RunningBypass> all = RunningBypass.find();
    try {
      return all.stream()
          .flatMap(running -> running.flows().snapshot().stream())
          .filter(flow -> flow.key().local().equals(pair.client().localAddress()))
          .mapToLong(flow -> flow.redirected().messages())
          .sum();
    } finally {
      all.forEach(RunningBypass::close);
    }
  }

  private long layouts() throws Exception {
    try (var files = Files.list(pins)) {
      return files.count();
    }
  }
}
