// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.examples.rig.TestMesh;
import io.github.jbypass.examples.rig.TestMesh.Place;
import io.github.jbypass.testing.KernelTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent with a file of pods, as a process of its own. */
@KernelTest
@Timeout(120)
class InterceptingAgentTest {
  private static final InetAddress PASSTHROUGH = InetAddress.ofLiteral("127.0.0.6");

  private TestMesh mesh;
  private Echo echo;

  @BeforeEach
  void startMesh() throws Exception {
    mesh = TestMesh.start("agent");
    mesh.startSidecars();
    echo = Echo.start(mesh, Place.B, 0);
  }

  @AfterEach
  void removeMesh() throws Exception {
    try (var _ = mesh;
        var _ = echo) {
      assertThat(mesh.netfilter()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "KILL"})
  void connectionsOutliveTheAgentAndNewOnesGoStraight(String signal) throws Exception {
    try (Child agent = agent(mesh.podFile(Place.A, Place.B))) {
      assertThat(agent.line()).isEqualTo("PODS 2");
      assertThat(agent.line()).isEqualTo("READY");
      try (Crowd application = crowd(Place.A, 100);
          Crowd outside = crowd(Place.REMOTE, 100)) {
        application.talk(1, 1000);
        outside.talk(1000, 1000);
        assertThat(echo.clients()).containsExactly(PASSTHROUGH);
        agent.signal(signal);
        assertThat(agent.status()).isEqualTo(signal.equals("TERM") ? 0 : 128 + 9);
        assertGoesStraight(Place.A);
        assertGoesStraight(Place.REMOTE);
        application.talk(2000, 20_000);
        outside.talk(3000, 20_000);
        application.finish();
        outside.finish();
      }
      assertGoesStraight(Place.REMOTE);
    }
  }

  @Test
  void aChangedFileIsFollowedHoweverItChanges() throws Exception {
    Path file = mesh.podFile(Place.A, Place.B);
    try (Child agent = agent(file)) {
      assertThat(agent.line()).isEqualTo("PODS 2");
      assertThat(agent.line()).isEqualTo("READY");
      assertPassesSidecars(Place.A);

      Files.writeString(file, mesh.podsYaml());
      assertThat(agent.line()).isEqualTo("PODS 0");
      assertGoesStraight(Place.A);
      assertGoesStraight(Place.REMOTE);

      Path other = file.resolveSibling("other.yaml");
      Files.writeString(other, mesh.podsYaml(Place.B));
      Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
      assertThat(agent.line()).isEqualTo("PODS 1");
      assertGoesStraightToTheServersSidecar();

      agent.signal("TERM");
      assertThat(agent.status()).isZero();
      assertThat(agent.warning()).isNull();
    }
  }

  /** As Kubernetes changes what it mounts of a ConfigMap. */
  @Test
  void anotherLinkToTheFileIsFollowed() throws Exception {
    Path directory = mesh.directory();
    for (var version : List.of("v1", "v2")) {
      Files.createDirectory(directory.resolve(version));
    }
    Files.writeString(directory.resolve("v1/pods.yaml"), mesh.podsYaml(Place.A, Place.B));
    Files.writeString(directory.resolve("v2/pods.yaml"), mesh.podsYaml(Place.A));
    Path data = Files.createSymbolicLink(directory.resolve("..data"), Path.of("v1"));
    Path file =
        Files.createSymbolicLink(directory.resolve("pods.yaml"), Path.of("..data/pods.yaml"));
    try (Child agent = agent(file)) {
      assertThat(agent.line()).isEqualTo("PODS 2");
      assertThat(agent.line()).isEqualTo("READY");
      Path next = Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of("v2"));
      Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
      assertThat(agent.line()).isEqualTo("PODS 1");
    }
  }

  @Test
  void aChangeThatIsWrongIsToldInOneLineAndNotMade() throws Exception {
    Path file = mesh.podFile(Place.A, Place.B);
    try (Child agent = agent(file)) {
      assertThat(agent.line()).isEqualTo("PODS 2");
      assertThat(agent.line()).isEqualTo("READY");

      Files.writeString(file, "pods:\n- {nam: x}\n");
      assertThat(agent.warning())
          .contains("level=warn event=pods_refused reason=\"" + file + ":2: pods[0]: ")
          .endsWith("did you mean 'name'?; they stay as they were\"");
      assertPassesSidecars(Place.A);

      Files.delete(file);
      assertThat(agent.warning()).contains(file + ": there is no such file");
      assertPassesSidecars(Place.A);

      Files.writeString(file, "mesh: {outboundPort: 1}\npods: []\n");
      assertThat(agent.warning()).contains("mesh: can't be changed");

      Files.writeString(file, mesh.podsYaml(Place.B));
      assertThat(agent.line()).isEqualTo("PODS 1");
      agent.signal("TERM");
      assertThat(agent.status()).isZero();
      assertThat(agent.warning()).isNull(); // no line twice
    }
  }

  @Test
  void connectionsInFlightDontNoticeChanges() throws Exception {
    Path file = mesh.podFile(Place.A, Place.B);
    try (Child agent = agent(file);
        Crowd before = crowdAfter(agent, "PODS 2", "READY")) {
      for (int round = 0; round < 4; round++) {
        boolean all = round % 2 == 1;
        Files.writeString(file, all ? mesh.podsYaml(Place.A, Place.B) : mesh.podsYaml());
        var changed = CompletableFuture.supplyAsync(() -> nextLine(agent));
        for (int i = 0; !changed.isDone(); i++) {
          before.talk(100L * round + i, 5000);
          try (Crowd meanwhile = crowd(Place.A, 5);
              Crowd outside = crowd(Place.REMOTE, 5)) {
            meanwhile.talk(i, 5000);
            outside.talk(i, 5000);
          }
        }
        assertThat(changed.get()).isEqualTo(all ? "PODS 2" : "PODS 0");
      }
      before.finish();
    }
  }

  private static String nextLine(Child agent) {
    try {
      return agent.line();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Child agent(Path pods) throws IOException {
    return Child.start(
        "agent",
        "--cgroup",
        mesh.cgroup().path().toString(),
        "--interval",
        "3600",
        "--intercept",
        "istio",
        "--pods",
        pods.toString());
  }

  private Crowd crowd(Place from, int count) throws IOException {
    return Crowd.connect(mesh, from, count, Place.B.ipv4(), echo.port());
  }

  private Crowd crowdAfter(Child agent, String... lines) throws IOException {
    for (String line : lines) {
      assertThat(agent.line()).isEqualTo(line);
    }
    return crowd(Place.A, 50);
  }

  private void assertPassesSidecars(Place client) throws IOException {
    assertServerSees(client, PASSTHROUGH);
  }

  private void assertGoesStraight(Place client) throws IOException {
    assertServerSees(client, InetAddress.ofLiteral(client.ipv4()));
  }

  private void assertGoesStraightToTheServersSidecar() throws IOException {
    long outboundBefore = served("outbound");
    assertServerSees(Place.REMOTE, PASSTHROUGH);
    assertServerSees(Place.A, PASSTHROUGH);
    assertThat(served("outbound")).isEqualTo(outboundBefore);
  }

  private long served(String side) throws IOException {
    return mesh.served(Place.A, side, Place.B.ipv4() + ":" + echo.port());
  }

  private void assertServerSees(Place client, InetAddress address) throws IOException {
    echo.clients();
    try (Crowd crowd = crowd(client, 3)) {
      crowd.talk(7, 1000);
      crowd.finish();
    }
    assertThat(echo.clients()).containsExactly(address);
  }
}
