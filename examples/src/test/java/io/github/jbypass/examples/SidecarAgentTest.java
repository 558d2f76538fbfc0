// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class SidecarAgentTest {
  static Stream<Arguments> badArguments() {
    return Stream.of(
        Arguments.of("--cgroup", ""),
        Arguments.of("'many' is not a number of bytes", "--cgroup . --queue-limit many"),
        Arguments.of("limit of 0 B", "--cgroup . --queue-limit 0"),
        Arguments.of("limit of 5 MiB", "--cgroup . --queue-limit 5MiB"),
        Arguments.of("'70000' is neither a port", "--cgroup . --exclude-ports 80,70000"),
        Arguments.of("'9-8' is neither a port", "--cgroup . --include-ports 9-8"),
        Arguments.of("'ten' is not a network", "--cgroup . --exclude-cidrs ten"),
        Arguments.of("'ten' is not a network", "--cgroup . --include-cidrs 10.0.0.0/8,ten"),
        Arguments.of("--max-connections", "--cgroup . --max-connections some"),
        Arguments.of("0 connections", "--cgroup . --max-connections 0"),
        Arguments.of(
            "both included and excluded", "--cgroup . --include-ports 1-9 --exclude-ports 5"),
        Arguments.of("--interval", "--cgroup . --interval 0"),
        Arguments.of("--intercept needs --pods", "--cgroup . --intercept istio"),
        Arguments.of("--pods needs --intercept", "--cgroup . --pods pods.yaml"),
        Arguments.of("no mesh 'isto'", "--cgroup . --intercept isto --pods pods.yaml"),
        Arguments.of(
            "none.yaml: there is no such file", "--cgroup . --intercept istio --pods none.yaml"),
        Arguments.of("pom.xml:2: is not YAML", "--cgroup . --intercept istio --pods pom.xml"),
        Arguments.of("can be reached from elsewhere", "--cgroup . --listen 0.0.0.0:9404"),
        Arguments.of("can be reached from elsewhere", "--cgroup . --listen [fe80::1]:9404"),
        Arguments.of("'nine' is no place to listen", "--cgroup . --listen nine"),
        Arguments.of("'xml'", "--cgroup . --log xml"),
        Arguments.of("--faster", "--cgroup . --faster"));
  }

  @ParameterizedTest
  @MethodSource("badArguments")
  void aBadArgumentIsToldInOneLine(String complaint, String arguments) throws Exception {
    try (Child agent = agent(arguments)) {
      assertThat(agent.status()).isEqualTo(2);
      assertThat(agent.errors().lines()).singleElement().asString().contains(complaint);
      assertThat(agent.output()).isEmpty();
    }
  }

  @Test
  void helpIsNoMistake() throws Exception {
    try (Child agent = agent("--help")) {
      assertThat(agent.output()).contains("--queue-limit", "--exclude-cidrs");
      assertThat(agent.status()).isZero();
    }
  }

  @Test
  void aPathThatIsNoCgroupIsToldInOneLine(@TempDir Path directory) throws Exception {
    try (Child agent = agent("--cgroup " + directory)) {
      assertThat(agent.status()).isEqualTo(1);
      assertThat(agent.errors().lines())
          .singleElement()
          .asString()
          .contains(directory.toString(), "not a cgroup v2");
      assertThat(agent.output()).isEmpty();
    }
  }

  @KernelTest
  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void asksToEndAreFollowed(String signal) throws Exception {
    try (TestCgroup group = TestCgroup.create();
        Child agent = agent("--cgroup " + group.path() + " --interval 1")) {
      assertThat(agent.line()).isEqualTo("READY");
      assertThat(agent.line()).isEqualTo("redirected=0");
      agent.signal(signal);
      assertThat(agent.status()).isZero();
      assertThat(agent.errors().lines())
          .filteredOn(line -> !line.contains("event=fionread_inexact")) // as the kernel is
          .allMatch(line -> line.matches("time=\\S+ level=info event=.*"))
          .extracting(line -> line.replaceAll(".*event=(\\w+).*", "$1"))
          .containsExactly("loaded", "attached", "ending", "closed");
    }
  }

  @KernelTest
  @Test
  void messagesAreRedirectedAndCounted() throws Exception {
    try (TestCgroup group = TestCgroup.create();
        Child agent = agent("--cgroup " + group.path() + " --interval 1")) {
      assertThat(agent.line()).isEqualTo("READY");
      group.enter();
      sendOneMessage();
      assertThat(agent.line())
          .contains("redirected=1", "redirected_bytes=3", "connections_paired=1");
    }
  }

  @KernelTest
  @Test
  void excludedPortsStayOnTcp() throws Exception {
    try (TestCgroup group = TestCgroup.create();
        Child agent = agent("--cgroup " + group.path() + " --interval 1 --exclude-ports 1-65535")) {
      assertThat(agent.line()).isEqualTo("READY");
      group.enter();
      sendOneMessage();
      assertThat(agent.line()).contains("refused_policy=").doesNotContain("redirected");
    }
  }

  private static void sendOneMessage() throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
        Socket server = listener.accept()) {
      client.getOutputStream().write(new byte[] {1, 2, 3});
      assertThat(server.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
    }
  }

  private static Child agent(String arguments) throws IOException {
    return Child.start(("agent " + arguments).strip().split(" +"));
  }
}
