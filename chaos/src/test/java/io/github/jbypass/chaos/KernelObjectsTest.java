// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfMapSpec;
import io.github.jbypass.core.MapType;
import io.github.jbypass.core.UpdateMode;
import io.github.jbypass.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** What a process leaves behind is noticed. */
@KernelTest
class KernelObjectsTest {
  private static final String OPEN = "proxies, open in this process";

  private static final long SELF = ProcessHandle.current().pid();

  private final KernelObjects objects = new KernelObjects();

  @Test
  void aMapIsLeftAsLongAsItIsThere() throws InterruptedException {
    String name;
    try (var map = map()) {
      name = "map " + map.info().id();
      objects.add(SELF);
      assertThat(objects.left()).containsValue(OPEN);
    }
    for (int look = 0; look < 100 && objects.left().containsKey(name); look++) {
      Thread.sleep(20); // the kernel frees it a moment later
    }
    assertThat(objects.left()).doesNotContainKey(name);
  }

  @Test
  void entriesOfConnectionsAreCounted() {
    try (var map = map();
        var arena = Arena.ofConfined()) {
      objects.add(SELF);
      assertThat(objects.entries(SELF)).isEmpty();
      var number = arena.allocate(ValueLayout.JAVA_LONG);

      map.update(number, number, UpdateMode.ANY);

      assertThat(objects.entries(SELF).values()).containsExactly(1);
    }
  }

  @Test
  void connectionsThatWereResetCountOnlyWhereAnAgentIsThereToForgetThem() {
    try (var map = BpfMap.create(new BpfMapSpec("arrived", MapType.HASH, 40, 12, 4));
        var arena = Arena.ofConfined()) {
      objects.add(SELF);
      var key = arena.allocate(40);
      var value = arena.allocate(12);
      map.update(key, value, UpdateMode.ANY);
      long somebodyElse = ProcessHandle.current().parent().orElseThrow().pid();
      assertThat(objects.entries(somebodyElse).values()).containsExactly(1);

      value.set(ValueLayout.JAVA_SHORT, 6, (short) 1); // struct arrival's reset
      map.update(key, value, UpdateMode.ANY);

      assertThat(objects.entries(somebodyElse)).isEmpty();
      assertThat(objects.entries(SELF).values()).containsExactly(1);
    }
  }

  private static BpfMap map() {
    return BpfMap.create(new BpfMapSpec("proxies", MapType.HASH, 8, 8, 4));
  }
}
