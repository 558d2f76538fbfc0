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

  private final KernelObjects objects = new KernelObjects();

  @Test
  void aMapIsLeftAsLongAsItIsThere() throws InterruptedException {
    String name;
    try (var map = map()) {
      name = "map " + map.info().id();
      objects.add(ProcessHandle.current().pid());
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
      objects.add(ProcessHandle.current().pid());
      assertThat(objects.entries()).isEmpty();
      var number = arena.allocate(ValueLayout.JAVA_LONG);

      map.update(number, number, UpdateMode.ANY);

      assertThat(objects.entries().values()).containsExactly(1);
    }
  }

  private static BpfMap map() {
    return BpfMap.create(new BpfMapSpec("proxies", MapType.HASH, 8, 8, 4));
  }
}
