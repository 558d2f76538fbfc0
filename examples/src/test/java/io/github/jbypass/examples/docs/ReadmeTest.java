// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.docs;

import static io.github.jbypass.programs.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.NetworkNamespace;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.Pod;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.EnrolmentPolicy;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** README.md, and the javadoc of Bypass: what they show. */
class ReadmeTest {
  @Test
  @KernelTest
  void whatItShowsRuns() throws InterruptedException {
    try (var group = TestCgroup.create()) {
      var path = group.path();
      var time = Duration.ofMillis(1);
      var policy = EnrolmentPolicy.builder().excludePorts(22).build();
      try (var bypass =
          Bypass.builder()
              .cgroup(Cgroup.at(path))
              .queueLimit(MiB(2))
              .policy(policy)
              .load()
              .attach()) {
        System.out.println(bypass.counters()); // redirected, and every reason for TCP
        bypass
            .proxies()
            .forEach((end, peer) -> System.out.println(end + " is paired with " + peer));
        Thread.sleep(time);
      }
    }
  }

  @Test
  @KernelTest
  void interceptionRuns() throws Exception {
    var name = "jbypass-readme-" + ProcessHandle.current().pid();
    ip("netns", "add", name);
    try (var group = TestCgroup.create()) {
      var path = group.path();
      var netns = Path.of("/run/netns", name);
      try (var bypass = Bypass.builder().cgroup(Cgroup.at(path)).intercept(Mesh.ISTIO).load()) {
        var namespace = NetworkNamespace.at(netns); // such as /run/netns/web-1
        bypass.pods().add(Pod.named("web-1").address("10.1.2.3").namespace(namespace).build());
        bypass.attach();
        bypass
            .originalDestinations()
            .forEach(
                (accepted, destination) -> System.out.println(accepted + " is for " + destination));
      }
    } finally {
      ip("netns", "delete", name);
    }
  }

  private static void ip(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  @KernelTest
  void whatTheJavadocShowsRuns() {
    try (var group = TestCgroup.create()) {
      var path = group.path();
      try (var bypass = Bypass.builder().cgroup(Cgroup.at(path)).load().attach()) {
        System.out.println(bypass.counters());
      }
    }
  }

  @Test
  void itNamesTheVersionOfThisBuild() throws IOException {
    assertThat(Page.of(Page.ROOT.resolve("README.md")).blocks())
        .filteredOn(block -> block.language().equals("xml"))
        .singleElement()
        .asString()
        .contains("<version>" + System.getProperty("jbypass.version") + "</version>");
  }
}
