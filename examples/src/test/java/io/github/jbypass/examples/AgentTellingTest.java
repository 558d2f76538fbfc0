// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.jbypass.core.LinkInfo;
import io.github.jbypass.core.RunningObject;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.IdCalls;
import io.github.jbypass.core.internal.LinkCalls;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the agent tells whoever watches it. */
@KernelTest
@Timeout(120)
class AgentTellingTest {
  private static final String TRACKER = "track_connections";

  private static Child agent(TestCgroup group, String options) throws Exception {
    return Child.start(
        ("agent --interval 1 --cgroup " + group.path() + " " + options).strip().split(" +"));
  }

  private static String urlOf(Child agent) throws Exception {
    String line = agent.line();
    assertThat(line).startsWith("LISTENING http://127.0.0.1:");
    assertThat(agent.line()).isEqualTo("READY");
    return line.substring("LISTENING ".length());
  }

  private static HttpResponse<String> get(String url) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    }
  }

  @Test
  void aLinkThatSomebodyDetachesIsToldByHealthMetricsAndLog() throws Exception {
    try (var group = TestCgroup.create();
        var agent = agent(group, "--listen 0")) {
      String url = urlOf(agent);
      assertThat(get(url + "/healthz").body()).isEqualTo("ok\n");
      assertThat(get(url + "/metrics").body()).contains("\nbypass_problems 0.0\n");

      detachTracker(group);
      var health = get(url + "/healthz");
      assertThat(health.statusCode()).isEqualTo(503);
      assertThat(health.body())
          .isEqualTo(
              "detached: link of program track_connections to cgroup "
                  + group.path()
                  + ": somebody detached it: load and attach anew\n");
      assertThat(get(url + "/metrics").body()).contains("\nbypass_problems 1.0\n");
      assertThat(agent.warning())
          .contains("level=warn event=unhealthy problem=\"" + health.body().strip() + "\"");

      agent.signal("TERM");
      assertThat(agent.status()).isZero();
      assertThat(agent.warning()).as("told once").isNull();
      assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> get(url + "/healthz"));
    }
  }

  /** As {@code bpftool link detach} does. */
  private static void detachTracker(TestCgroup group) {
    for (RunningObject object : RunningObject.withProgram(TRACKER)) {
      try (object) {
        object.links(TRACKER).stream()
            .filter(link -> link.target().equals(new LinkInfo.OfCgroup(group.cgroup().id())))
            .forEach(
                link -> {
                  try (Fd fd = new Fd(IdCalls.openLink(link.id()), "link")) {
                    assertThat(LinkCalls.detach(fd.number())).isZero();
                  }
                });
      }
    }
  }

  @Test
  void aPortThatIsTakenEndsTheAgentBeforeAnythingIsLoaded() throws Exception {
    try (var group = TestCgroup.create();
        var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var agent = agent(group, "--listen " + taken.getLocalPort())) {
      assertThat(agent.status()).isEqualTo(1);
      assertThat(agent.output()).isEmpty();
      assertThat(agent.errors())
          .isEqualTo(
              "bypass agent: can't listen on 127.0.0.1:%d: Address already in use%n"
                  .formatted(taken.getLocalPort()));
    }
  }

  @Test
  void theLogIsJsonIfThatIsAskedFor() throws Exception {
    try (var group = TestCgroup.create();
        var agent = agent(group, "--log json")) {
      assertThat(agent.line()).isEqualTo("READY");
      agent.signal("TERM");
      assertThat(agent.status()).isZero();
      assertThat(agent.errors().lines())
          .filteredOn(line -> !line.contains("fionread_inexact")) // as the kernel is
          .hasSize(4)
          .allMatch(line -> line.matches("\\{\"time\":\"[^\"]+\",\"level\":\"info\",\"event\":.*}"))
          .anyMatch(line -> line.contains("\"cgroups\":[\"" + group.path() + "\"]"));
    }
  }
}
