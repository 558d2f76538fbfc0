// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.telling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server answers, and whom. */
@KernelTest
@Timeout(60)
class TellingServerTest {
  private static final int SLOW_CLIENTS = 20;

  private final HttpClient client = HttpClient.newHttpClient();
  private TestCgroup cgroup;
  private Cgroup group;
  private Bypass bypass;
  private TellingServer server;

  @BeforeEach
  void serve() {
    cgroup = TestCgroup.create();
    group = cgroup.cgroup().createChild("inner");
    bypass = Bypass.builder().cgroup(group).load().attach();
    server = TellingServer.bind(LoopbackAddress.parse("0"));
    server.tell(bypass);
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
    bypass.close();
    group.delete();
    cgroup.close();
  }

  private HttpResponse<String> ask(String method, String path) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .method(method, BodyPublishers.noBody())
            .timeout(Duration.ofSeconds(30))
            .build();
    return client.send(request, BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return ask("GET", path);
  }

  @Test
  void metricsAreInPrometheusFormat() throws Exception {
    var answer = get("/metrics");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(answer.body().lines())
        .contains("bypass_enabled 1.0", "bypass_problems 0.0")
        .allMatch(line -> line.startsWith("#") || line.startsWith("bypass_"));
  }

  @Test
  void whatIsAttachedIsHealthyThoughItIsDisabled() throws Exception {
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    assertThat(get("/healthz").body()).isEqualTo("ok\n");
    bypass.disable();
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    assertThat(get("/healthz").body()).isEqualTo("ok\nredirecting is disabled\n");
    assertThat(get("/metrics").body()).contains("\nbypass_enabled 0.0\n");
  }

  @Test
  void aControlGroupThatIsGoneIsAProblemForEver() throws Exception {
    group.delete();
    assertThat(get("/healthz").statusCode()).isEqualTo(503);
    assertThat(get("/healthz").body())
        .isEqualTo(
            "cgroup_gone: " + group + ": it was removed, and what was attached to it with it\n");
    assertThat(get("/metrics").body()).contains("\nbypass_problems 1.0\n");

    group = cgroup.cgroup().createChild("inner");
    assertThat(get("/healthz").statusCode()).isEqualTo(503);
  }

  @Test
  void whileTheAgentEndsItIsNotHealthy() throws Exception {
    bypass.close();
    assertThat(get("/healthz").statusCode()).isEqualTo(503);
    assertThat(get("/healthz").body()).startsWith("closed: bypass ");
    assertThat(get("/metrics").statusCode()).isEqualTo(200);
  }

  @Test
  void headIsAnsweredWithoutABody() throws Exception {
    var answer = ask("HEAD", "/healthz");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.headers().firstValueAsLong("content-length")).hasValue(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE"})
  void otherMethodsAreNotAllowed(String method) throws Exception {
    var answer = ask(method, "/healthz");
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("allow")).hasValue("GET, HEAD");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/metricsx", "/metrics/", "/healthz/x", "/../healthz", "//metrics"})
  void otherPathsAreNotFound(String path) throws Exception {
    assertThat(get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void queriesMakeNoDifference() throws Exception {
    assertThat(get("/healthz?verbose").statusCode()).isEqualTo(200);
  }

  /** Half a request each, and a request whose answer nobody reads. */
  @Test
  void slowClientsHoldNobodyUp() throws Exception {
    var slow = new ArrayList<Socket>();
    try {
      for (int i = 0; i < SLOW_CLIENTS; i++) {
        slow.add(open(i % 2 == 0 ? "GET /metrics HT" : "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"));
      }
      assertThat(get("/healthz").statusCode()).isEqualTo(200);

      long begin = System.nanoTime();
      server.close();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  private Socket open(String request) throws IOException {
    var address = URI.create(server.url());
    var socket = new Socket(address.getHost(), address.getPort());
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void whoSendsNothingForTooLongIsCutOff() throws Exception {
    try (Socket silent = open("GET /metrics HTTP/1.1\r\nX: ")) {
      silent.setSoTimeout(30_000);
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void anAddressThatIsTakenIsToldInOneLine() {
    var taken = URI.create(server.url());
    assertThatExceptionOfType(ListenException.class)
        .isThrownBy(() -> TellingServer.bind(LoopbackAddress.parse(taken.getAuthority())))
        .withMessage("can't listen on " + taken.getAuthority() + ": Address already in use");
  }

  @Test
  void itListensOnTheLoopbackInterfaceOverIpv6Too() throws Exception {
    try (var other = TellingServer.bind(LoopbackAddress.parse("[::1]:0"))) {
      assertThat(other.url()).startsWith("http://[0:0:0:0:0:0:0:1]:");
      other.tell(bypass);
      var request = HttpRequest.newBuilder(URI.create(other.url() + "/healthz")).build();
      assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("ok\n");
    }
  }
}
