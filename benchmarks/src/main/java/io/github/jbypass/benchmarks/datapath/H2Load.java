// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * h2load, where wrk doesn't do: for HTTP/2, and for Unix-domain sockets.
 *
 * @param connections open at once
 * @param seconds how long
 */
record H2Load(int connections, int seconds) {
  /** Runs a command where the load comes from. */
  interface Client {
    String run(Duration limit, String... command) throws InterruptedException;
  }

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

  /**
   * Runs it.
   *
   * @param arguments besides how many connections and how long
   */
  Map<Metric, Double> run(Client client, String... arguments)
      throws IOException, InterruptedException {
    var command =
        new ArrayList<>(
            List.of(
                "h2load",
                "--clients=" + connections,
                "--threads=" + Math.min(2, connections),
                "--duration=" + seconds));
    command.addAll(List.of(arguments));
    long before = CpuTime.ofMachine();
    var output = client.run(Duration.ofSeconds(seconds + 20L), command.toArray(String[]::new));
    return figures(output, CpuTime.ofMachine() - before);
  }

  static Map<Metric, Double> figures(String output, long cpu) {
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
    figures.put(HttpLoad.RATE, Double.parseDouble(rate.group(1)));
    figures.put(MEAN, unit * Double.parseDouble(time.group(1)));
    figures.put(HttpLoad.CPU, cpu / 1e3 / Double.parseDouble(requests.group(1)));
    return figures;
  }

  /** Of the groups from one on. */
  private static long sum(Matcher matcher, int first) {
    return IntStream.rangeClosed(first, matcher.groupCount())
        .mapToLong(group -> Long.parseLong(matcher.group(group)))
        .sum();
  }
}
