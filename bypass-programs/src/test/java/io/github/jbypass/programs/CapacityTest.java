// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.maps.Counter;
import io.github.jbypass.programs.testing.DataPath;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Mode;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.testing.KernelTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** More connections than the maps have room for. */
@KernelTest
class CapacityTest {
  private static final int ROOM = 4;

  private final Resources resources = new Resources();
  private Bypass bypass;

  @BeforeEach
  void attach() {
    bypass =
        resources
            .add(DataPath.open(Mode.ACCELERATED, builder -> builder.maxConnections(ROOM)))
            .bypass();
  }

  @AfterEach
  void closeAll() {
    resources.close();
  }

  @Test
  void asManyConnectionsAsFitAreEnrolled() {
    Talk.onAll(connect(ROOM));
    assertEquals(ROOM, bypass.counters().get(Counter.CONNECTIONS_PAIRED));
    assertEquals(0, bypass.counters().get(Counter.REFUSED_FULL));
  }

  @Test
  void theRestGoesOverTcpAndIsCounted() {
    Talk.onAll(connect(3 * ROOM));
    assertEquals(ROOM, bypass.counters().get(Counter.CONNECTIONS_PAIRED));
    assertTrue(bypass.counters().get(Counter.REFUSED_FULL) > 0);
    assertTrue(bypass.counters().get(Counter.REDIRECTED) > 0);
  }

  @Test
  void roomThatBecomesFreeIsUsedAgain() {
    List<Pair> all = connect(3 * ROOM);
    Talk.onAll(all);
    all.forEach(Pair::close);
    Eventually.assertBecomes(0, () -> bypass.sockets().size(), "enrolled sockets");
    Eventually.assertBecomes(0, () -> bypass.proxies().size(), "paired ends");

    long before = bypass.counters().get(Counter.CONNECTIONS_PAIRED);
    Talk.onAll(connect(ROOM));
    assertEquals(before + ROOM, bypass.counters().get(Counter.CONNECTIONS_PAIRED));
  }

  private List<Pair> connect(int count) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pairs.add(resources.add(Pair.connect(Family.IPV4)));
    }
    return pairs;
  }
}
