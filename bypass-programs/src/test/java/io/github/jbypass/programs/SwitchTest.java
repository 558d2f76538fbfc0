// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.maps.Counter;
import io.github.jbypass.programs.testing.Content;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.programs.testing.Traffic;
import io.github.jbypass.programs.testing.Traffic.Shape;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attaching, switching and closing while connections are in use. */
@KernelTest
class SwitchTest {
  private static final Content CONTENT = new Content(9);

  private final Resources resources = new Resources();
  private TestCgroup cgroup;
  private Bypass bypass;

  @BeforeEach
  void load() {
    cgroup = resources.add(TestCgroup.create());
    bypass = resources.add(Bypass.builder().cgroup(cgroup.cgroup()).load());
    cgroup.enter();
  }

  @AfterEach
  void closeAll() {
    cgroup.leave();
    resources.close();
  }

  @Test
  void onlyConnectionsMadeAfterAttachingAreRedirected() {
    Pair before = connect(1).getFirst();
    bypass.attach();
    Talk.on(before, 1);
    assertEquals(0, bypass.counters().get(Counter.REDIRECTED));

    Talk.on(connect(1).getFirst(), 2);
    assertTrue(bypass.counters().get(Counter.REDIRECTED) > 0);
  }

  @Test
  void switchedOffNothingIsRedirected() {
    bypass.attach();
    Pair pair = connect(1).getFirst();
    assertTrue(bypass.isEnabled());
    Talk.on(pair, 1);
    long redirected = bypass.counters().get(Counter.REDIRECTED);
    assertTrue(redirected > 0);

    bypass.disable();
    assertFalse(bypass.isEnabled());
    Talk.on(pair, 2);
    Talk.on(connect(1).getFirst(), 3);
    assertEquals(redirected, bypass.counters().get(Counter.REDIRECTED));
    assertTrue(bypass.counters().get(Counter.TCP_DISABLED) > 0);
  }

  @Test
  void switchedOnAgainAConnectionReturnsToBeingRedirected() {
    bypass.attach();
    bypass.disable();
    Pair pair = connect(1).getFirst();
    Talk.on(pair, 1);
    assertEquals(0, bypass.counters().get(Counter.REDIRECTED));

    bypass.enable();
    Talk.on(pair, 2);
    assertTrue(bypass.counters().get(Counter.REDIRECTED) > 0);
  }

  @Test
  void switchingUnderLoadLosesNothing() {
    bypass.attach();
    Traffic traffic = resources.add(Traffic.start(connect(16), Shape.endless()));
    for (int i = 0; i < 100; i++) {
      bypass.disable();
      traffic.awaitMore(50);
      bypass.enable();
      traffic.awaitMore(50);
    }
    traffic.stop().await();
    assertTrue(bypass.counters().get(Counter.REDIRECTED) > 0);
    assertTrue(bypass.counters().get(Counter.TCP_DISABLED) > 0);
  }

  @Test
  void closingUnderLoadLosesNothing() {
    bypass.attach();
    Traffic traffic = resources.add(Traffic.start(connect(16), Shape.endless()));
    traffic.awaitMore(2_000);
    assertTrue(bypass.counters().get(Counter.REDIRECTED) > 0);

    bypass.close();
    traffic.awaitMore(5_000);
    traffic.stop().await();
  }

  @Test
  void unreadBytesSurviveTheClose() {
    bypass.attach();
    Pair pair = connect(1).getFirst();
    pair.client().sendAll(CONTENT.bytes(0, 50_000));
    assertTrue(bypass.counters().get(Counter.REDIRECTED) > 0);
    bypass.close();
    Eventually.pause(Duration.ofMillis(200)); // the kernel unloads on its own time

    pair.client().sendAll(CONTENT.bytes(50_000, 1000));
    assertArrayEquals(CONTENT.bytes(0, 51_000), pair.server().receiveFully(51_000));
    Talk.on(pair, 1);
  }

  @Test
  void connectionsMadeAfterTheCloseArePlain() {
    bypass.attach().close();
    Talk.on(connect(1).getFirst(), 1);
  }

  /** Load is put on while another instance, as after an upgrade, takes over. */
  @Test
  void aSuccessorTakesOverUnderLoadWithoutLoss() {
    bypass.attach();
    Traffic old = resources.add(Traffic.start(connect(8), Shape.endless()));
    old.awaitMore(1_000);
    bypass.close();

    cgroup.leave();
    Bypass successor = Bypass.builder().cgroup(cgroup.cgroup()).load().attach();
    resources.add(successor);
    cgroup.enter();
    Traffic young = resources.add(Traffic.start(connect(8), Shape.endless()));
    young.awaitMore(1_000);
    assertTrue(successor.counters().get(Counter.REDIRECTED) > 0);
    young.stop().await();
    old.stop().await();
  }

  /** A socket can be in one instance's map only; the other one leaves it alone. */
  @Test
  void twoInstancesOnOneCgroupDisturbNoConnection() {
    bypass.attach();
    cgroup.leave();
    Bypass other = resources.add(Bypass.builder().cgroup(cgroup.cgroup()).load().attach());
    cgroup.enter();
    Traffic traffic = resources.add(Traffic.start(connect(8), Shape.endless()));
    traffic.awaitMore(2_000);
    traffic.stop().await();
    long redirected =
        bypass.counters().get(Counter.REDIRECTED) + other.counters().get(Counter.REDIRECTED);
    assertTrue(redirected > 0);
    assertTrue(
        bypass.counters().get(Counter.REFUSED_KERNEL) + other.counters().get(Counter.REFUSED_KERNEL)
            > 0);
  }

  private List<Pair> connect(int count) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pairs.add(resources.add(Pair.connect(i % 2 == 0 ? Family.IPV4 : Family.IPV6)));
    }
    return pairs;
  }
}
