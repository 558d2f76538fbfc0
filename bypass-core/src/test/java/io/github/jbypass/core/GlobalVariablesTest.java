// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import org.junit.jupiter.api.Test;

@KernelTest
class GlobalVariablesTest {
  @Test
  void initialValuesAreThoseOfTheSource() {
    try (var object = Fixture.load()) {
      assertThat(object.global("step").get(JAVA_INT, 0)).isEqualTo(1);
      assertThat(object.global("name").getString(0)).isEqualTo("initial");
      assertThat(object.global("enabled").get(JAVA_INT, 0)).isEqualTo(7);
      assertThat(object.global("runs").get(JAVA_LONG, 0)).isZero();
    }
  }

  @Test
  void whatIsSetBeforeTheLoadIsWhatProgramsSee() throws IOException {
    try (var spec = Fixture.open("fixture")) {
      spec.set("step", 1000);
      spec.set("wide", 14L);
      spec.set("reverse", true);
      spec.set("name", "changed\0".getBytes());
      spec.set("enabled", 1);
      spec.set("runs", 1L << 40);
      try (var group = TestCgroup.create();
          var object = spec.load();
          var _ = object.program("count_runs").attach(group.cgroup())) {
        Traffic.connectIn(group);

        assertThat((1L << 40) - object.global("runs").get(JAVA_LONG, 0))
            .isPositive()
            .satisfies(added -> assertThat(added % 1000).isZero());
        assertThat(object.global("step").get(JAVA_INT, 0)).isEqualTo(1000);
        assertThat(object.global("wide").get(JAVA_LONG, 0)).isEqualTo(14);
        assertThat(object.global("name").getString(0)).isEqualTo("changed");
      }
    }
  }

  @Test
  void whatIsWrittenAfterTheLoadChangesRunningPrograms() throws IOException {
    try (var group = TestCgroup.create();
        var object = Fixture.load();
        var _ = object.program("count_runs").attach(group.cgroup())) {
      var runs = object.global("runs");
      object.global("enabled").set(JAVA_INT, 0, 0);
      Traffic.connectIn(group);
      assertThat(runs.get(JAVA_LONG, 0)).isZero();

      object.global("enabled").set(JAVA_INT, 0, 1);
      Traffic.connectIn(group);
      assertThat(runs.get(JAVA_LONG, 0)).isPositive();
    }
  }

  @Test
  void constantsCannotBeWrittenAfterTheLoad() {
    try (var object = Fixture.load()) {
      var step = object.global("step");

      assertThat(step.isReadOnly()).isTrue();
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> step.set(JAVA_INT, 0, 5));
    }
  }

  @Test
  void aVariableIsAsLongAsInC() {
    try (var object = Fixture.load()) {
      assertThat(object.global("enabled").byteSize()).isEqualTo(4);
      assertThat(object.global("runs").byteSize()).isEqualTo(8);
      assertThat(object.global("name").byteSize()).isEqualTo(8);
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> object.global("enabled").get(JAVA_BYTE, 4));
    }
  }

  @Test
  void aValueOfTheWrongSizeIsRefused() {
    try (var spec = Fixture.open("fixture")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> spec.set("step", 1L))
          .withMessage("step has 4 bytes, the value has 8");
      assertThatIllegalArgumentException().isThrownBy(() -> spec.set("step", true));
      assertThatIllegalArgumentException().isThrownBy(() -> spec.set("wide", 1));
      assertThatIllegalArgumentException().isThrownBy(() -> spec.set("name", new byte[7]));
    }
  }

  @Test
  void aVariableThatDoesNotExistIsRefused() {
    try (var spec = Fixture.open("fixture")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> spec.set("stepp", 1))
          .withMessageStartingWith("no global variable stepp; there are [")
          .withMessageContaining("step");
      try (var object = spec.load()) {
        assertThatIllegalArgumentException().isThrownBy(() -> object.global("stepp"));
      }
    }
  }

  @Test
  void memoryIsGoneAfterClose() {
    var object = Fixture.load();
    var runs = object.global("runs");
    object.close();

    assertThatIllegalStateException().isThrownBy(() -> runs.get(JAVA_LONG, 0));
    assertThatIllegalStateException().isThrownBy(() -> runs.set(JAVA_LONG, 0, 1));
    assertThatIllegalStateException().isThrownBy(() -> object.global("runs"));
  }

  @Test
  void numbersAreReadAndWrittenWithTheOrderThatTheirNamesSay() throws IOException {
    try (var group = TestCgroup.create();
        var object = Fixture.load();
        var _ = object.program("count_runs").attach(group.cgroup())) {
      var runs = object.longs("runs");
      assertThat(runs.length()).isEqualTo(1);
      runs.setRelease(0, 1L << 40);
      Traffic.connectIn(group);

      assertThat(runs.getVolatile(0)).isGreaterThan(1L << 40);
      assertThat(runs.getAndAdd(0, -(1L << 40))).isGreaterThan(1L << 40);
      assertThat(runs.getOpaque(0)).isBetween(1L, 1000L);
      assertThat(runs.compareAndSet(0, -1, 5)).isFalse();
      runs.setVolatile(0, 4);
      assertThat(runs.compareAndSet(0, 4, 5)).isTrue();
      assertThat(runs.getAcquire(0)).isEqualTo(5);
      runs.setOpaque(0, 6);
      assertThat(runs.sum()).isEqualTo(6);
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> runs.getOpaque(1));
    }
  }

  @Test
  void variablesOfOtherSizesAreNotNumbers() {
    try (var object = Fixture.load()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> object.longs("enabled"))
          .withMessage("enabled is not made of aligned numbers of eight bytes");
    }
  }
}
