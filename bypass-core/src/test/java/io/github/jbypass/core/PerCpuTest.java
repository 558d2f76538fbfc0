// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PerCpuTest {
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void release() {
    arena.close();
  }

  @Test
  void valuesAreRoundedUpToEightBytes() {
    var values = new PerCpu(arena.allocate(4 * 16, 8), 12);
    for (int cpu = 0; cpu < 4; cpu++) {
      values.slice(cpu).set(JAVA_LONG, 0, 10 + cpu);
      values.slice(cpu).set(JAVA_INT, 8, -1);
    }

    assertThat(values.cpus()).isEqualTo(4);
    assertThat(values.slice(3).byteSize()).isEqualTo(12);
    assertThat(values.values().get(JAVA_LONG, 48)).isEqualTo(13);
    assertThat(values.sumLongs(0)).isEqualTo(10 + 11 + 12 + 13);
    assertThat(values.sumInts(8)).isEqualTo(4 * 0xffffffffL);
    assertThat(values.reduceLongs(0, Long.MIN_VALUE, Math::max)).isEqualTo(13);
  }

  @Test
  void whatLiesOutsideAValueIsRefused() {
    var values = new PerCpu(arena.allocate(32, 8), 12);

    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> values.sumLongs(8))
        .withMessage("no 8 bytes at offset 8 of a value of 12");
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> values.sumInts(-4));
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> values.slice(2));
    assertThatIllegalArgumentException().isThrownBy(() -> new PerCpu(arena.allocate(24, 8), 12));
    assertThatIllegalArgumentException().isThrownBy(() -> new PerCpu(arena.allocate(24, 8), 0));
  }

  @Test
  @KernelTest
  void whatProgramsCountOnAnyCpuIsSummedUp() throws Exception {
    try (var group = TestCgroup.create();
        var spec = Fixture.open("maps");
        var object = DeclaredMapsTest.load(spec);
        var _ = object.program("count").attach(group.cgroup())) {
      Traffic.connectIn(group);
      var runs = object.map("runs");
      var values = runs.perCpu(arena);

      assertThat(runs.lookup(arena.allocate(JAVA_INT), values.values())).isTrue();
      assertThat(values.sumLongs(0))
          .isPositive()
          .isEqualTo(object.longs("numbers_of_program").getVolatile(1));
    }
  }

  @Test
  @KernelTest
  void aMapWithOneValueHasNoPerCpuView() {
    try (var map = TestMaps.hash(1)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> map.perCpu(arena))
          .withMessage("map test is a HASH: it has one value for all CPUs");
    }
  }
}
