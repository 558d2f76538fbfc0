// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.telling;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.jbypass.micrometer.BypassMetrics;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.Health;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * Answers {@code GET /metrics} in Prometheus's text format, and {@code GET /healthz}. Clients can
 * neither change anything nor hold the agent up: each has a thread of its own, few seconds, and
 * there is a limit to how many there are.
 */
public final class TellingServer implements AutoCloseable {
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final Set<String> METHODS = Set.of("GET", "HEAD");
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int UNAVAILABLE = 503;
  private static final int MAX_CONNECTIONS = 32;
  private static final int SECONDS = 10;

  static { // the JDK's server has no other way to be told, and reads them once
    System.setProperty("jdk.httpserver.maxConnections", Integer.toString(MAX_CONNECTIONS));
    System.setProperty("sun.net.httpserver.maxReqTime", Integer.toString(SECONDS));
    System.setProperty("sun.net.httpserver.maxRspTime", Integer.toString(SECONDS));
  }

  private record Answer(int status, String type, String body) {}

  private final HttpServer server;
  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private TellingServer(HttpServer server) {
    this.server = server;
    server.setExecutor(clients);
  }

  /**
   * Takes the address. Clients wait until something is {@linkplain #tell told}.
   *
   * @throws ListenException if somebody else has it
   */
  public static TellingServer bind(LoopbackAddress address) {
    try {
      return new TellingServer(HttpServer.create(address.socketAddress(), MAX_CONNECTIONS));
    } catch (IOException e) {
      throw new ListenException(
          "can't listen on "
              + LoopbackAddress.inUrl(address.socketAddress())
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** The beginning of its URLs. */
  public String url() {
    return "http://" + LoopbackAddress.inUrl(server.getAddress());
  }

  /** Answers from now on. */
  public void tell(Bypass bypass) {
    new BypassMetrics(bypass).bindTo(registry);
    server.createContext("/", exchange -> answer(exchange, bypass));
    server.start();
  }

  private void answer(HttpExchange exchange, Bypass bypass) throws IOException {
    try (exchange) {
      var answer =
          METHODS.contains(exchange.getRequestMethod())
              ? answer(exchange.getRequestURI().getPath(), bypass)
              : new Answer(METHOD_NOT_ALLOWED, TEXT, "only GET and HEAD\n");
      byte[] body = answer.body.getBytes(StandardCharsets.UTF_8);
      var headers = exchange.getResponseHeaders();
      headers.set("Content-Type", answer.type);
      headers.set("Cache-Control", "no-store");
      if (answer.status == METHOD_NOT_ALLOWED) {
        headers.set("Allow", "GET, HEAD");
      }
      if (exchange.getRequestMethod().equals("HEAD")) {
        headers.set("Content-Length", Integer.toString(body.length));
        exchange.sendResponseHeaders(answer.status, -1);
      } else {
        exchange.sendResponseHeaders(answer.status, body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }

  private Answer answer(String path, Bypass bypass) {
    return switch (path) {
      case "/metrics" -> new Answer(OK, PROMETHEUS, registry.scrape());
      case "/healthz" -> health(bypass.health());
      default -> new Answer(NOT_FOUND, TEXT, "there are /metrics and /healthz\n");
    };
  }

  private static Answer health(Health health) {
    if (health.isHealthy()) {
      return new Answer(OK, TEXT, health.isEnabled() ? "ok\n" : "ok\nredirecting is disabled\n");
    }
    return new Answer(
        UNAVAILABLE,
        TEXT,
        health.problems().stream().map(problem -> problem + "\n").collect(Collectors.joining()));
  }

  /** Gives the address up, whatever clients do. */
  @Override
  public void close() {
    server.stop(0);
    clients.shutdownNow();
    registry.close();
  }
}
