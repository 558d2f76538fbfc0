// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.examples.rig.SidecarMode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** redis-benchmark against a Redis server, through two sidecars. */
final class Redis implements Section {
  private static final Metric RATE = Metric.more("commands", "1/s");
  private static final Metric MEDIAN = Metric.less("p50", "µs");
  private static final Metric P99 = Metric.less("p99", "µs");
  private static final int PORT = 6379;
  private static final int CONNECTIONS = 50;
  private static final int VALUE = 64;
  private static final int PIPELINED = 16;
  private static final int LEAST_COMMANDS = 10_000;

  @Override
  public void run(Setting setting, Findings findings) throws Exception {
    Meshes.eachRound(SidecarMode.TCP, setting, (meshes, round) -> measure(meshes, round, findings));
  }

  private static void measure(List<Mesh> meshes, Setting round, Findings findings)
      throws Exception {
    for (var mesh : meshes) {
      var port = Integer.toString(PORT);
      mesh.rig()
          .startServer(
              PORT, "redis-server", "--save", "", "--protected-mode", "no", "--port", port);
    }
    var topic = Sizes.count(CONNECTIONS, "connection") + ", values of " + Sizes.text(VALUE);
    var turns = new Turns<>(topic, meshes, round, findings);
    for (var command : List.of("SET", "GET")) { // what is got has to be set before
      for (int pipelined : List.of(1, PIPELINED)) {
        int commands = commandsIn(round, meshes.getFirst(), command, pipelined);
        var scenario = command + (pipelined == 1 ? "" : ", " + pipelined + " pipelined");
        turns.measure(
            scenario, Proof.REDIRECTS, mesh -> figures(run(mesh, command, pipelined, commands)));
      }
    }
  }

  /** It takes a number of commands, not a time: how many the first mesh does in that time. */
  private static int commandsIn(Setting setting, Mesh mesh, String command, int pipelined)
      throws InterruptedException {
    double rate = figures(run(mesh, command, pipelined, LEAST_COMMANDS)).get(RATE);
    return Math.max(LEAST_COMMANDS, (int) (rate * setting.time().toMillis() / 1e3));
  }

  private static String run(Mesh mesh, String command, int pipelined, int commands)
      throws InterruptedException {
    var line =
        "redis-benchmark --csv -h %s -p %d -t %s -c %d -d %d -P %d -n %d"
            .formatted(
                mesh.rig().serverAddress(),
                PORT,
                command.toLowerCase(Locale.ROOT),
                CONNECTIONS,
                VALUE,
                pipelined,
                commands);
    return mesh.rig().runInClient(Duration.ofMinutes(1), line.split(" "));
  }

  /**
   * Reads {@code "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms",...}, as it is
   * since Redis 6.2.
   */
  static Map<Metric, Double> figures(String csv) {
    var lines = csv.lines().filter(line -> line.startsWith("\"")).toList();
    if (lines.size() != 2) {
      throw new UnprovedException("redis-benchmark did not say what it measured: " + csv);
    }
    var names = fields(lines.getFirst());
    var values = fields(lines.getLast());
    var figures = new LinkedHashMap<Metric, Double>();
    figures.put(RATE, value("rps", names, values));
    figures.put(MEDIAN, 1e3 * value("p50_latency_ms", names, values));
    figures.put(P99, 1e3 * value("p99_latency_ms", names, values));
    return figures;
  }

  private static List<String> fields(String line) {
    return List.of(line.replace("\"", "").split(","));
  }

  private static double value(String name, List<String> names, List<String> values) {
    int i = names.indexOf(name);
    if (i < 0 || i >= values.size()) {
      throw new UnprovedException("redis-benchmark tells no " + name + ": " + names);
    }
    return Double.parseDouble(values.get(i));
  }
}
