// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.programs.testing.Agent;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.programs.testing.Traffic;
import io.github.jbypass.programs.testing.Traffic.Shape;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The process that loaded the programs is killed: connections don't notice. */
@KernelTest
class AgentKilledTest {
  private final Resources resources = new Resources();
  private TestCgroup cgroup;
  private Agent agent;

  @BeforeEach
  void startAgent() {
    cgroup = resources.add(TestCgroup.create());
    agent = resources.add(Agent.start(cgroup.path()));
    cgroup.enter();
  }

  @AfterEach
  void closeAll() {
    cgroup.leave();
    resources.close();
  }

  @Test
  void noConnectionBreaksAndNoByteIsLost() {
    Traffic traffic = resources.add(Traffic.start(connect(16), Shape.endless()));
    traffic.awaitMore(3_000);
    assertTrue(agent.redirected() > 0, "the load was not redirected");

    agent.kill();
    traffic.awaitMore(5_000);
    traffic.stop().await();
  }

  @Test
  void unreadBytesSurvive() {
    Pair pair = connect(1).getFirst();
    byte[] message = {1, 2, 3};
    pair.client().sendAll(message);
    assertTrue(agent.redirected() > 0, "the message was not redirected");
    agent.kill();
    assertArrayEquals(message, pair.server().receiveFully(3));
    Talk.on(pair, 1);
  }

  @Test
  void aNewAgentAcceleratesNewConnectionsWhileOldOnesGoOn() {
    Traffic traffic = resources.add(Traffic.start(connect(8), Shape.endless()));
    traffic.awaitMore(1_000);
    agent.kill();
    Talk.on(connect(1).getFirst(), 1); // in between there is plain TCP

    cgroup.leave();
    Agent successor = resources.add(Agent.start(cgroup.path()));
    cgroup.enter();
    Talk.on(connect(1).getFirst(), 2);
    assertTrue(successor.redirected() > 0, "the new agent redirects nothing");

    traffic.awaitMore(1_000);
    traffic.stop().await();
  }

  private List<Pair> connect(int count) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pairs.add(resources.add(Pair.connect(i % 2 == 0 ? Family.IPV4 : Family.IPV6)));
    }
    return pairs;
  }
}
