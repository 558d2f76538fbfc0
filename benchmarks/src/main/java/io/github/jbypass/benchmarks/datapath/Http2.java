// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.examples.rig.SidecarMode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * HTTP/2 through two sidecars, as gRPC is: few connections, many streams on each. h2load to nginx,
 * without TLS.
 */
final class Http2 implements Section {
  private static final Metric RATE = Metric.more("requests", "1/s");
  private static final Metric MEAN = Metric.less("mean time", "µs");
  private static final Pattern FINISHED = Pattern.compile("finished in [^,]+, ([0-9.]+) req/s");
  private static final Pattern REQUESTS =
      Pattern.compile(
          "requests: \\d+ total, \\d+ started, (\\d+) done, (\\d+) succeeded, (\\d+) failed,"
              + " (\\d+) errored, (\\d+) timeout");
  private static final Pattern BAD_ANSWERS =
      Pattern.compile("status codes: \\d+ 2xx, \\d+ 3xx, (\\d+) 4xx, (\\d+) 5xx");
  private static final Pattern TIME =
      Pattern.compile("time for request:\\s+\\S+\\s+\\S+\\s+([0-9.]+)(us|ms|s)\\s");

  private record Scenario(int connections, int streams, int body) {
    @Override
    public String toString() {
      return "%s of %s, %s"
          .formatted(
              Sizes.count(connections, "connection"),
              Sizes.count(streams, "stream"),
              Sizes.text(body));
    }
  }

  @Override
  public void run(Setting setting, Findings findings) throws Exception {
    Meshes.eachRound(
        SidecarMode.TCP,
        setting,
        (meshes, round) -> {
          var turns = new Turns<>("h2load to nginx", meshes, round, findings);
          for (var scenario : scenarios(round)) {
            turns.measure(
                scenario.toString(),
                Proof.REDIRECTS,
                mesh -> load(mesh, scenario, round.seconds()));
          }
        });
  }

  private static List<Scenario> scenarios(Setting setting) {
    var few = new Scenario(1, 10, 36);
    var many = new Scenario(10, 10, 36);
    var large = new Scenario(10, 10, 16 << 10);
    return setting.pick(List.of(few, many, large), List.of(many, large), List.of(few));
  }

  private static Map<Metric, Double> load(Mesh mesh, Scenario scenario, int seconds)
      throws InterruptedException {
    var line =
        "h2load --clients=%d --max-concurrent-streams=%d --threads=%d --duration=%d %s"
            .formatted(
                scenario.connections,
                scenario.streams,
                Math.min(2, scenario.connections),
                seconds,
                mesh.rig().http2Url(scenario.body));
    return figures(mesh.rig().runInClient(Duration.ofSeconds(seconds + 20L), line.split(" ")));
  }

  static Map<Metric, Double> figures(String output) {
    var rate = FINISHED.matcher(output);
    var requests = REQUESTS.matcher(output);
    var answers = BAD_ANSWERS.matcher(output);
    var time = TIME.matcher(output);
    if (!rate.find() || !requests.find() || !answers.find() || !time.find()) {
      throw new UnprovedException("h2load did not say what it measured: " + output);
    }
    if (requests.group(2).equals("0") || sum(requests, 3) + sum(answers, 1) != 0) {
      throw new UnprovedException("h2load: %s; %s".formatted(requests.group(), answers.group()));
    }
    double unit =
        switch (time.group(2)) {
          case "us" -> 1;
          case "ms" -> 1e3;
          default -> 1e6;
        };
    var figures = new LinkedHashMap<Metric, Double>();
    figures.put(RATE, Double.parseDouble(rate.group(1)));
    figures.put(MEAN, unit * Double.parseDouble(time.group(1)));
    return figures;
  }

  /** Of the groups from one on. */
  private static long sum(Matcher matcher, int first) {
    return IntStream.rangeClosed(first, matcher.groupCount())
        .mapToLong(group -> Long.parseLong(matcher.group(group)))
        .sum();
  }
}
