// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.maps.BypassEvent;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Events;
import io.github.jbypass.maps.Flow;
import io.github.jbypass.maps.Tally;
import io.github.jbypass.programs.testing.Agent;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What another process accelerates can be looked at. */
@KernelTest
class RunningBypassTest {
  private final Resources resources = new Resources();
  private TestCgroup cgroup;
  private Agent agent;
  private Pair pair;
  private RunningBypass running;

  @BeforeEach
  void startAgent() {
    cgroup = resources.add(TestCgroup.create());
    agent = resources.add(Agent.start(cgroup.path()));
    cgroup.enter();
    pair = resources.add(Pair.connect(Family.IPV4));
    running = find();
  }

  /** Others may run on this machine: ours is the one that has our connection. */
  private RunningBypass find() {
    RunningBypass ours = null;
    for (RunningBypass candidate : RunningBypass.find()) {
      if (ours == null && hasPair(candidate)) {
        ours = resources.add(candidate);
      } else {
        candidate.close();
      }
    }
    return Objects.requireNonNull(ours);
  }

  private boolean hasPair(RunningBypass candidate) {
    try {
      return candidate.flows().snapshot().stream()
          .anyMatch(flow -> flow.key().local().equals(pair.client().localAddress()));
    } catch (BpfException e) {
      return false; // of another version, or just ending
    }
  }

  @AfterEach
  void closeAll() {
    cgroup.leave();
    resources.close();
  }

  private static Set<Integer> ids() {
    Set<Integer> ids = new HashSet<>();
    for (RunningBypass running : RunningBypass.find()) {
      ids.add(running.id());
      running.close();
    }
    return ids;
  }

  @Test
  void itsFlowsCountersAndServicesAreSeen() {
    pair.client().sendAll(new byte[10]);

    List<Flow> flows = running.flows().snapshot();
    assertEquals(2, flows.size());
    assertTrue(flows.stream().anyMatch(flow -> flow.redirected().equals(new Tally(1, 10))));
    assertEquals(1, running.counters().get(Counter.REDIRECTED));
    assertEquals(1, running.services().snapshot().size());
    assertEquals(pair.client().peerAddress(), running.services().snapshot().getFirst().address());
  }

  @Test
  void itsEventsAreHeard() {
    try (Events events = running.events()) {
      resources.add(Pair.connect(Family.IPV4));
      List<BypassEvent> told = new ArrayList<>();
      events.poll(told::add, Duration.ofSeconds(10));

      assertInstanceOf(BypassEvent.Paired.class, told.getFirst());
      BpfException refused = assertThrows(BpfException.class, running::events);
      assertTrue(refused.getMessage().contains("it takes one at a time"), refused::getMessage);
    }
  }

  @Test
  void itEndsWithItsProcessAlthoughSomebodyLooksOn() {
    assertTrue(running.isAttached());
    agent.kill();
    Eventually.assertBecomes(false, running::isAttached, "attached");
    assertFalse(ids().contains(running.id()));
  }

  @Test
  void lookingOnOutlastsNothing() {
    running.close();
    running.close();
    assertThrows(IllegalStateException.class, running::isAttached);
    pair.client().sendAll(new byte[1]);
    assertEquals(1, agent.redirected());
  }
}
