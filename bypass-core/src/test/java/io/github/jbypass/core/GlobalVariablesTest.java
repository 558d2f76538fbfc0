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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

@KernelTest
class GlobalVariablesTest {
  /** Opens a connection in the group, which makes its sock_ops programs run. */
  private static void connectIn(TestCgroup group) throws IOException {
    group.enter();
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      assertThat(client.isConnected()).isTrue();
    } finally {
      group.leave();
    }
  }

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
        connectIn(group);

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
      connectIn(group);
      assertThat(runs.get(JAVA_LONG, 0)).isZero();

      object.global("enabled").set(JAVA_INT, 0, 1);
      connectIn(group);
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
}
