// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.examples.rig.MeshRig;
import io.github.jbypass.examples.rig.RigException;
import io.github.jbypass.examples.rig.SidecarMode;
import io.github.jbypass.testing.KernelTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class MeshDemoTest {
  @KernelTest
  @ParameterizedTest
  @ValueSource(strings = {"http", "tcp"})
  void comparesPlainAndAccelerated(String mode) throws Exception {
    String load = "--bodies 1KiB --connections 2 --rounds 1 --seconds 1";
    try (Child demo = Child.start(("demo --mode " + mode + " " + load).split(" "))) {
      assertThat(demo.output().lines())
          .anySatisfy(row -> assertThat(row).matches(" +1024 +2 \\|.* [1-9]\\d+"))
          .anySatisfy(counters -> assertThat(counters).contains("redirected="));
      assertThat(demo.errors()).isEmpty();
      assertThat(demo.status()).isZero();
    }
  }

  @KernelTest
  @Test
  void interceptsWithoutIptables() throws Exception {
    String load = "--bodies 1KiB --connections 2 --rounds 1 --seconds 1 --close";
    try (Child demo = Child.start(("demo --intercept --mode tcp " + load).split(" "))) {
      assertThat(demo.output().lines())
          .anySatisfy(row -> assertThat(row).matches(" +1024 +2 \\|.* [1-9]\\d+"))
          .last()
          .asString()
          .matches("no netfilter rule in the accelerated mesh, .*: [1-9]\\d+ were intercepted");
      assertThat(demo.errors()).isEmpty();
      assertThat(demo.status()).isZero();
    }
  }

  @KernelTest
  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void anInterruptedDemoLeavesNothingBehind(String signal) throws Exception {
    try (Child demo = startedDemo()) {
      assertThat(traces(demo)).isNotEmpty();
      demo.signal(signal);
      assertThat(demo.status()).isEqualTo(130);
      assertThat(demo.errors()).isEmpty();
      assertThat(traces(demo)).isEmpty();
    }
  }

  @KernelTest
  @Test
  void whatAKilledDemoLeavesBehindIsRemovedByTheNext() throws Exception {
    try (Child demo = startedDemo()) {
      demo.signal("KILL");
      demo.status();
      assertThat(traces(demo)).isNotEmpty();
      MeshRig.start("next", SidecarMode.TCP).close();
      assertThat(traces(demo)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--mode udp", "--rounds 0", "--seconds 0", "--connections 0", "--bodies big"})
  void aBadArgumentIsToldInOneLine(String arguments) throws Exception {
    try (Child demo = Child.start(("demo " + arguments).split(" "))) {
      assertThat(demo.status()).isEqualTo(2);
      assertThat(demo.errors().lines()).hasSize(1);
    }
  }

  @Test
  void figuresOfNothingFail() {
    assertThatCode(() -> MeshDemo.requireMeaning(0, 1)).doesNotThrowAnyException();
    assertThatThrownBy(() -> MeshDemo.requireMeaning(0, 0))
        .isInstanceOf(RigException.class)
        .hasMessage("no message was redirected");
    assertThatThrownBy(() -> MeshDemo.requireMeaning(1, 1)).hasMessage("1 requests failed");
  }

  @Test
  void figuresOfAMeshThatSomethingElseInterceptsFail() {
    assertThatCode(() -> MeshDemo.requireInterception(List.of(), 0, 1)).doesNotThrowAnyException();
    assertThatThrownBy(() -> MeshDemo.requireInterception(List.of("-A OUTPUT"), 0, 1))
        .isInstanceOf(RigException.class)
        .hasMessageContaining("-A OUTPUT");
    assertThatThrownBy(() -> MeshDemo.requireInterception(List.of(), 1, 1))
        .hasMessageContaining("tracked");
    assertThatThrownBy(() -> MeshDemo.requireInterception(List.of(), 0, 0))
        .hasMessage("no connection was intercepted");
  }

  private static Child startedDemo() throws IOException {
    Child demo = Child.start("demo", "--seconds", "30");
    assertThat(demo.line()).contains("about");
    assertThat(demo.line()).contains("requests/s"); // both rigs are up
    return demo;
  }

  /** Namespaces, cgroups and directories of a demo. */
  private static List<Path> traces(Child demo) throws IOException {
    String name = "jbypass-mesh-" + demo.pid() + "-";
    List<Path> traces = new ArrayList<>();
    for (Path place :
        List.of(
            Path.of("/run/netns"),
            Cgroup.mountPoint(),
            Path.of(System.getProperty("java.io.tmpdir")))) {
      try (Stream<Path> entries = Files.list(place)) {
        entries
            .filter(entry -> entry.getFileName().toString().startsWith(name))
            .forEach(traces::add);
      }
    }
    return traces;
  }
}
