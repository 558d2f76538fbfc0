// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.core.TestBpfFileSystem;
import io.github.jbypass.examples.rig.TestMesh;
import io.github.jbypass.examples.rig.TestMesh.Place;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The agent with exactly the privileges that docs/privileges.md gives it. */
@KernelTest
@Timeout(120)
class LeastPrivilegeTest {
  /** What a led connection asks for; nobody is there. */
  private static final InetAddress ELSEWHERE = InetAddress.ofLiteral("10.44.9.9");

  @TempDir private static Path directory;
  private static String classPath;

  private final TestBpfFileSystem files = new TestBpfFileSystem();

  @BeforeAll
  static void copyClasses() throws IOException {
    classPath = ReadableClasses.copy(directory);
  }

  @AfterEach
  void removePins() {
    files.close();
  }

  static List<Confinement> documented() throws IOException {
    return List.of(Confinement.ofUnit(), Confinement.ofContainer());
  }

  @ParameterizedTest
  @MethodSource("documented")
  void isEnoughToRedirect(Confinement documented) throws Exception {
    try (TestCgroup group = TestCgroup.create();
        Child agent = agent(documented.with("--cgroup", group.path()), "--interval", "1")) {
      assertThat(agent.line()).isEqualTo("READY");
      group.enter();
      sendOneMessage();
      assertThat(agent.line()).contains("redirected=1", "redirected_bytes=3");
      agent.signal("TERM");
      assertThat(agent.status()).isZero();
      assertThat(agent.warnings()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("documented")
  void isEnoughToTellMetricsAndHealth(Confinement documented) throws Exception {
    try (TestCgroup group = TestCgroup.create();
        Child agent = agent(documented.with("--cgroup", group.path()), "--listen", "0")) {
      String url = agent.line().replace("LISTENING ", "");
      assertThat(agent.line()).isEqualTo("READY");
      assertThat(get(url + "/healthz")).isEqualTo("ok\n");
      assertThat(get(url + "/metrics"))
          .contains(
              "\nbypass_problems 0.0\n", "\nbypass_sockets 0.0\n", "\nbypass_queued_bytes 0.0\n");
    }
  }

  private static String get(String url) throws IOException {
    try (var answer = URI.create(url).toURL().openStream()) {
      return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @MethodSource("documented")
  void isEnoughToTakeOverWhatIsPinnedAndSeenByNobodyElse(Confinement documented) throws Exception {
    try (TestCgroup group = TestCgroup.create()) {
      for (int i = 0; i < 2; i++) {
        try (Child agent = agent(documented.with("--cgroup", group.path()))) {
          assertThat(agent.line()).isEqualTo("READY");
          agent.signal("KILL");
          assertThat(agent.status()).isEqualTo(128 + 9);
          assertThat(agent.warnings()).isEmpty();
        }
        try (Stream<Path> pins = Files.walk(files.file("pins"))) {
          assertThat(pins)
              .hasSizeGreaterThan(10)
              .allSatisfy(
                  pin -> {
                    String mode = Files.isDirectory(pin) ? "rwx------" : "rw-------";
                    assertThat(Files.getPosixFilePermissions(pin))
                        .isEqualTo(PosixFilePermissions.fromString(mode));
                    assertThat(Files.getAttribute(pin, "unix:uid")).isEqualTo(documented.user());
                  });
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("documented")
  void isAllThatTheProcessHas(Confinement documented) throws Exception {
    try (TestCgroup group = TestCgroup.create();
        Child agent = agent(documented.with("--cgroup", group.path()))) {
      assertThat(agent.line()).isEqualTo("READY");

      assertThat(status(agent))
          .containsEntry("Uid", (documented.user() + "\t").repeat(4).strip())
          .containsEntry("Groups", "")
          .containsEntry("CapEff", documented.mask())
          .containsEntry("CapPrm", documented.mask())
          .containsEntry("CapBnd", documented.mask())
          .containsEntry("CapAmb", documented.ambient() ? documented.mask() : "0".repeat(16))
          .containsEntry("NoNewPrivs", "1");
    }
  }

  @ParameterizedTest
  @MethodSource("documented")
  void isNeededToTheLast(Confinement documented) throws Exception {
    try (TestCgroup group = TestCgroup.create()) {
      for (var capability : documented.capabilities()) {
        try (Child agent = agent(documented.without(capability).with("--cgroup", group.path()))) {
          assertThat(agent.errors().lines())
              .singleElement()
              .asString()
              .contains("this process lacks " + capability + " (");
          assertThat(agent.status()).isOne();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("documented")
  void isEnoughToInterceptPodsThatAreKnownByTheirCgroups(Confinement documented) throws Exception {
    try (TestMesh mesh = TestMesh.start("least");
        Child agent =
            interceptor(
                documented,
                mesh,
                "pods: [{name: a, addresses: [%s], cgroups: [%s]}]"
                    .formatted(Place.A.ipv4(), mesh.cgroup().path()))) {
      assertThat(agent.line()).isEqualTo("PODS 1");
      assertThat(agent.line()).isEqualTo("READY");

      assertThat(isLed(mesh)).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("documented")
  void isNotEnoughForPodsThatHaveNamespaces(Confinement documented) throws Exception {
    try (TestMesh mesh = TestMesh.start("least");
        Child agent = interceptor(documented, mesh, mesh.podsYaml(Place.A))) {
      assertThat(agent.warnings())
          .singleElement()
          .asString()
          .contains("enter network namespace", "this process lacks CAP_SYS_ADMIN (");
      assertThat(agent.status()).isOne();
      assertThat(isLed(mesh)).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("documented")
  void podsStayAsTheyWereWhenOneWithANamespaceComes(Confinement documented) throws Exception {
    try (TestMesh mesh = TestMesh.start("least");
        Child agent = interceptor(documented, mesh, "pods: []")) {
      assertThat(agent.line()).isEqualTo("PODS 0");
      assertThat(agent.line()).isEqualTo("READY");

      Files.writeString(pods(), mesh.podsYaml(Place.A));

      assertThat(agent.warning())
          .contains("event=pods_refused", "this process lacks CAP_SYS_ADMIN (")
          .endsWith("; they stay as they were\"");
      agent.signal("TERM");
      assertThat(agent.status()).isZero();
    }
  }

  @Test
  void theDropInIsEnoughForThem() throws Exception {
    try (TestMesh mesh = TestMesh.start("least");
        Child agent =
            interceptor(Confinement.ofUnitForNamespaces(), mesh, mesh.podsYaml(Place.A))) {
      assertThat(agent.line()).isEqualTo("PODS 1");
      assertThat(agent.line()).isEqualTo("READY");

      assertThat(isLed(mesh)).isTrue();
    }
  }

  private Child agent(Confinement confinement, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("agent"));
    Path pins = pinsOf(confinement.user());
    arguments.addAll(confinement.with("--pin", pins).arguments());
    arguments.addAll(List.of(more));
    return Child.startBy(confinement.wrapper(), classPath, arguments.toArray(String[]::new));
  }

  /** As {@code install -d} makes it. */
  private Path pinsOf(int user) throws IOException {
    Path pins = files.file("pins");
    Files.setPosixFilePermissions(pins.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
    if (!Files.exists(pins)) {
      Files.createDirectory(pins);
      Files.setPosixFilePermissions(pins, PosixFilePermissions.fromString("rwx------"));
      Files.setAttribute(pins, "unix:uid", user);
    }
    return pins;
  }

  private Child interceptor(Confinement documented, TestMesh mesh, String pods) throws IOException {
    Files.writeString(pods(), pods);
    return agent(
        documented.with("--cgroup", mesh.cgroup().path()),
        "--intercept",
        "istio",
        "--pods",
        pods().toString());
  }

  private static Path pods() {
    return directory.resolve("pods.yaml");
  }

  private static Map<String, String> status(Child agent) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(agent.pid()), "status")).stream()
        .map(line -> line.split(":", 2))
        .collect(Collectors.toMap(words -> words[0], words -> words[1].strip()));
  }

  /** Whether a connection of an application arrives where the sidecar listens. */
  private static boolean isLed(TestMesh mesh) throws Exception {
    return mesh.in(
        Place.A,
        () -> {
          try (ServerSocketChannel sidecar =
                  ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 15_001));
              SocketChannel application = SocketChannel.open()) {
            sidecar.configureBlocking(false);
            application.configureBlocking(false);
            application.connect(new InetSocketAddress(ELSEWHERE, 80));
            for (int look = 0; look < 20; look++) {
              try (SocketChannel accepted = sidecar.accept()) {
                if (accepted != null) {
                  return true;
                }
              }
              Thread.sleep(50);
            }
            return false;
          }
        });
  }

  private static void sendOneMessage() throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
        Socket server = listener.accept()) {
      client.getOutputStream().write(new byte[] {1, 2, 3});
      assertThat(server.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
    }
  }
}
