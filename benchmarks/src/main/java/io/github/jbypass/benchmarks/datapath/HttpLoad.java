// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.examples.rig.Load;
import io.github.jbypass.examples.rig.SidecarMode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** What wrk does with a mesh. */
final class HttpLoad {
  static final Metric RATE = Metric.more("requests", "1/s");
  private static final Metric MEDIAN = Metric.less("p50", "µs");
  static final Metric P99 = Metric.less("p99", "µs");
  static final Metric CPU = Metric.less("CPU of the machine", "µs a request");

  private HttpLoad() {}

  static Map<Metric, Double> run(Mesh mesh, Load load) throws IOException, InterruptedException {
    long before = CpuTime.ofMachine();
    var result = mesh.rig().load(load);
    long cpu = CpuTime.ofMachine() - before;
    if (result.errors() != 0 || result.requests() == 0) {
      throw new UnprovedException(
          "%d requests were answered, %d failed".formatted(result.requests(), result.errors()));
    }
    var figures = new LinkedHashMap<Metric, Double>();
    figures.put(RATE, result.requestsPerSecond());
    figures.put(MEDIAN, (double) result.medianMicros());
    figures.put(P99, (double) result.p99Micros());
    figures.put(CPU, cpu / 1e3 / result.requests());
    return figures;
  }

  /** Who forwards, as it is told. */
  static String sidecars(SidecarMode mode) {
    return switch (mode) {
      case HTTP -> "HAProxy, HTTP";
      case TCP -> "HAProxy, TCP";
      case NGINX -> "nginx";
    };
  }
}
