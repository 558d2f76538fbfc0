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
  private final KernelObjects objects = new KernelObjects();

  @Test
  void aMapIsLeftAsLongAsItIsThere() throws InterruptedException {
    try (var _ = map()) {
      objects.add(ProcessHandle.current().pid());
      assertThat(objects.left()).containsValue("proxies");
    }
    for (int look = 0; look < 100 && objects.left().containsValue("proxies"); look++) {
      Thread.sleep(20); // the kernel frees it a moment later
    }
    assertThat(objects.left()).doesNotContainValue("proxies");
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
