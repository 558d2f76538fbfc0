// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.examples.rig.TestMesh;
import io.github.jbypass.examples.rig.TestMesh.Place;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.testing.KernelTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The proxy in Java as a sidecar, in the sidecars' group. */
@KernelTest
@Timeout(120)
class OriginalDestinationTest {
  private static final int CONNECTIONS = 50;

  private TestMesh mesh;

  @BeforeEach
  void startMesh() {
    mesh = TestMesh.start("proxy");
  }

  @AfterEach
  void removeMesh() {
    mesh.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void underIptables(boolean ipv6) throws Exception {
    mesh.run(
        Place.A,
        (ipv6 ? "ip6tables" : "iptables") + "-legacy",
        "-w",
        "-t",
        "nat",
        "-A",
        "OUTPUT",
        "-p",
        "tcp",
        "-m",
        "owner",
        "!",
        "--gid-owner",
        "1337",
        "-j",
        "REDIRECT",
        "--to-ports",
        "15001");
    startProxy(Place.A, "15001");
    assertServes(ipv6, Place.A);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void underInterception(boolean ipv6) throws Exception {
    try (Bypass bypass = Bypass.builder().cgroup(mesh.cgroup()).intercept(Mesh.ISTIO).load()) {
      bypass.pods().set(List.of(mesh.pod(Place.A).build(), mesh.pod(Place.B).build()));
      bypass.attach();
      startProxy(Place.A, "15001");
      startProxy(Place.B, "15006", ipv6 ? "::6" : "127.0.0.6");
      assertServes(ipv6, Place.A, Place.B);
      assertThat(mesh.netfilter()).isEmpty();
    }
  }

  private void startProxy(Place pod, String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("setpriv", "--regid=1337", "--clear-groups"));
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-cp"));
    command.addAll(
        List.of(System.getProperty("java.class.path"), OriginalDestination.class.getName()));
    command.addAll(List.of(arguments));
    mesh.start(pod, "proxy", command.toArray(String[]::new));
    Eventually.check(() -> assertThat(mesh.output(pod, "proxy")).contains("READY"));
  }

  private void assertServes(boolean ipv6, Place... proxies) throws IOException {
    String address = ipv6 ? Place.B.ipv6() : Place.B.ipv4();
    try (Echo echo = Echo.start(mesh, Place.B, 0);
        Crowd crowd = Crowd.connect(mesh, Place.A, CONNECTIONS, address, echo.port())) {
      crowd.talk(1, 1000);
      crowd.finish();
      String target = (ipv6 ? "/[fd44:2:0:0:0:0:0:2]:" : "/10.44.2.2:") + echo.port();
      for (Place proxy : proxies) {
        assertThat(mesh.output(proxy, "proxy").stream().filter(line -> !line.equals("READY")))
            .hasSize(CONNECTIONS)
            .allSatisfy(line -> assertThat(line).endsWith(" asked for " + target));
      }
    }
  }
}
