// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.core.DirectoryInUseException;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.programs.testing.Agent;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.programs.testing.Traffic;
import io.github.jbypass.programs.testing.Traffic.Shape;
import io.github.jbypass.testing.KernelTest;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The process of a pinned data path is killed: not even new connections notice. */
@KernelTest
class PinnedAgentTest extends PinnedCase {
  @Test
  void killedUnderLoadItsDataPathGoesOnAndIsAdopted() {
    cgroup.leave();
    Agent agent = resources.add(Agent.startPinned(cgroup.path(), pins));
    cgroup.enter();
    Traffic traffic = resources.add(Traffic.start(connect(8), Shape.endless()));
    traffic.awaitMore(500);
    var refused = assertThrows(DirectoryInUseException.class, () -> builder().adopt(pins));
    assertEquals(OptionalLong.of(agent.pid()), refused.holder());

    agent.kill();
    Talk.on(connect(), 1);
    traffic.awaitMore(500);

    Bypass adopted = adopt();
    long redirected = adopted.counters().get(Counter.REDIRECTED);
    assertEquals(9, adopted.counters().get(Counter.CONNECTIONS_PAIRED));
    adopted.attach();
    Talk.on(connect(), 2);
    traffic.awaitMore(500);
    traffic.stop().await();
    assertEquals(10, adopted.counters().get(Counter.CONNECTIONS_PAIRED));
    assertTrue(adopted.counters().get(Counter.REDIRECTED) > redirected);
  }
}
