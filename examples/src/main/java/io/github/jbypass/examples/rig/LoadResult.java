// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What wrk measured.
 *
 * @param requests answered
 * @param requestsPerSecond answered
 * @param medianMicros median time to answer, µs
 * @param p99Micros time within which 99 % were answered, µs
 * @param errors failed connects, reads and writes, timeouts, and answers that were not 2xx or 3xx
 */
public record LoadResult(
    long requests, double requestsPerSecond, long medianMicros, long p99Micros, long errors) {
  private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ");
  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s*([0-9.]+)");
  private static final Pattern MEDIAN = Pattern.compile("\\s50%\\s+([0-9.]+)(us|ms|s|m|h)\\s");
  private static final Pattern P99 = Pattern.compile("\\s99%\\s+([0-9.]+)(us|ms|s|m|h)\\s");
  private static final Pattern SOCKET_ERRORS =
      Pattern.compile("Socket errors: connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)");
  private static final Pattern BAD_ANSWERS = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");

  /** Reads what {@code wrk --latency} prints. */
  static LoadResult parse(String wrkOutput) {
    long errors = 0;
    for (Pattern optional : new Pattern[] {SOCKET_ERRORS, BAD_ANSWERS}) {
      Matcher line = optional.matcher(wrkOutput);
      if (line.find()) {
        for (int group = 1; group <= line.groupCount(); group++) {
          errors += Long.parseLong(line.group(group));
        }
      }
    }
    return new LoadResult(
        Long.parseLong(find(REQUESTS, wrkOutput).group(1)),
        Double.parseDouble(find(RATE, wrkOutput).group(1)),
        micros(find(MEDIAN, wrkOutput)),
        micros(find(P99, wrkOutput)),
        errors);
  }

  /** The median of each figure on its own; requests and errors are summed up. */
  static LoadResult median(List<LoadResult> results) {
    return new LoadResult(
        results.stream().mapToLong(LoadResult::requests).sum(),
        median(results, LoadResult::requestsPerSecond),
        Math.round(median(results, LoadResult::medianMicros)),
        Math.round(median(results, LoadResult::p99Micros)),
        results.stream().mapToLong(LoadResult::errors).sum());
  }

  private static double median(List<LoadResult> results, ToDoubleFunction<LoadResult> figure) {
    double[] sorted = results.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static Matcher find(Pattern pattern, String wrkOutput) {
    Matcher matcher = pattern.matcher(wrkOutput);
    if (!matcher.find()) {
      throw new RigException("wrk's output has no `%s`:\n%s".formatted(pattern, wrkOutput));
    }
    return matcher;
  }

  private static long micros(Matcher duration) {
    double microsPerUnit =
        switch (duration.group(2)) {
          case "us" -> 1;
          case "ms" -> 1e3;
          case "s" -> 1e6;
          case "m" -> 60e6;
          default -> 3600e6;
        };
    return Math.round(Double.parseDouble(duration.group(1)) * microsPerUnit);
  }
}
