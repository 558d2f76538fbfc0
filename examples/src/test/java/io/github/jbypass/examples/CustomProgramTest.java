// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The project in custom-program: built by itself, with core as a dependency, and run. */
@KernelTest
@Tag("build") // takes Maven and clang: not on emulated kernels
@Timeout(300) // Maven may have to download
class CustomProgramTest {
  private static final int NOBODY = 65_534;

  @TempDir private static Path directory;
  private static Path jar;

  @BeforeAll
  static void build() throws IOException, InterruptedException {
    jar = new SeparateProject(directory).build(Path.of("custom-program")).resolve("connects.jar");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void connectionsOfTheGroupAreReportedAndCounted() throws Exception {
    try (var group = TestCgroup.create();
        var server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        var child = Child.startJar(jar, group.path().toString())) {
      assertThat(child.line()).isEqualTo("watching " + group.path());

      connect(server); // from outside the group
      group.enter();
      for (int i = 0; i < 3; i++) {
        connect(server);
        assertThat(child.line())
            .matches(
                ".*\\[%d\\] connects to /127\\.0\\.0\\.1:%d"
                    .formatted(ProcessHandle.current().pid(), server.getLocalPort()));
      }
      child.signal("TERM");

      assertThat(child.output().lines())
          .containsExactly("port " + server.getLocalPort() + ": 3", "events dropped: 0");
      assertThat(child.status()).isEqualTo(128 + 15);
      assertThat(child.errors()).isEmpty();
      connect(server); // nothing is in the way afterwards
    }
  }

  @Test
  void aPortIsIgnoredOnRequest() throws Exception {
    try (var group = TestCgroup.create();
        var server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        var child =
            Child.startJar(jar, group.path().toString(), Integer.toString(server.getLocalPort()))) {
      assertThat(child.line()).isEqualTo("watching " + group.path());

      group.enter();
      connect(server);
      child.signal("INT");

      assertThat(child.output().lines()).containsExactly("events dropped: 0");
    }
  }

  @Test
  void threeCapabilitiesAreEnough() throws Exception {
    try (var group = TestCgroup.create();
        var child =
            Child.startJarAs(NOBODY, "+bpf,+net_admin,+perfmon", jar, group.path().toString())) {
      assertThat(child.line()).isEqualTo("watching " + group.path());

      child.signal("TERM");

      assertThat(child.output().lines()).containsExactly("events dropped: 0");
    }
  }

  @Test
  void whenOneIsMissingItSaysWhich() throws Exception {
    try (var group = TestCgroup.create();
        var child = Child.startJarAs(NOBODY, "+bpf,+net_admin", jar, group.path().toString())) {
      assertThat(child.errors()).contains("this process lacks CAP_PERFMON (");
      assertThat(child.status()).isOne();
    }
  }

  private static void connect(ServerSocket server) throws IOException {
    new Socket(server.getInetAddress(), server.getLocalPort()).close();
    server.accept().close();
  }
}
