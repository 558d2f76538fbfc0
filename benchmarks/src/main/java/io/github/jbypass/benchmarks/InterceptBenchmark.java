// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks;

import io.github.jbypass.examples.rig.Interception;
import io.github.jbypass.examples.rig.Load;
import io.github.jbypass.examples.rig.LoadResult;
import io.github.jbypass.examples.rig.MeshRig;
import io.github.jbypass.examples.rig.Rounds;
import io.github.jbypass.examples.rig.SidecarMode;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.programs.Bypass;
import java.io.PrintStream;
import java.util.List;

/**
 * Requests through two sidecars that iptables, iptables with messages redirected, and nothing but
 * our programs lead them to.
 */
final class InterceptBenchmark {
  private static final int BODY = 36;
  private static final int CLOSING_CONNECTIONS = 10;

  private final PrintStream out;
  private final int rounds;
  private final int seconds;

  InterceptBenchmark(PrintStream out, int rounds, int seconds) {
    this.out = out;
    this.rounds = rounds;
    this.seconds = seconds;
  }

  void run() throws Exception {
    for (var mode : SidecarMode.values()) {
      run(mode);
    }
  }

  private void run(SidecarMode mode) throws Exception {
    try (var plain = MeshRig.start("plain", mode);
        var accelerated = MeshRig.start("accelerated", mode);
        var intercepted = MeshRig.start("intercepted", mode, Interception.BYPASS);
        var accelerate = Bypass.builder().cgroup(accelerated.cgroup()).load();
        var intercept =
            Bypass.builder().cgroup(intercepted.cgroup()).intercept(Mesh.ISTIO).load()) {
      accelerate.attach();
      intercept.pods().set(intercepted.pods());
      intercept.attach();
      var rigs = List.of(plain, accelerated, intercepted);
      out.println(
          "| two sidecars in "
              + mode
              + " mode | plain req/s | accelerate | intercept | accelerate / plain"
              + " | intercept / plain | intercept / accelerate |");
      out.println("|---|---:|---:|---:|---:|---:|---:|");
      for (int connections : List.of(1, 10, 100)) {
        row(rigs, "small body, " + connections, Load.keepAlive(connections, seconds, BODY));
      }
      var close = Load.of(CLOSING_CONNECTIONS, seconds, BODY, true);
      row(rigs, "connect-request-close, " + CLOSING_CONNECTIONS, close);
      out.println();
      out.println("intercepted sockets of this table: " + intercept.counters());
      out.println();
      var rules = intercepted.netfilterRules();
      if (!rules.isEmpty()) {
        throw new IllegalStateException("the intercepted mesh has netfilter rules: " + rules);
      }
    }
  }

  private void row(List<MeshRig> rigs, String name, Load load) throws Exception {
    var medians = Rounds.medians(rigs, load, rounds);
    double plain = medians.getFirst().requestsPerSecond();
    double accelerate = medians.get(1).requestsPerSecond();
    double intercept = medians.getLast().requestsPerSecond();
    out.printf(
        "| %s | %.0f | %.0f | %.0f | %.2f | %.2f | %.2f |%n",
        name,
        plain,
        accelerate,
        intercept,
        accelerate / plain,
        intercept / plain,
        intercept / accelerate);
    long errors = medians.stream().mapToLong(LoadResult::errors).sum();
    if (errors != 0) {
      throw new IllegalStateException(errors + " requests failed");
    }
  }
}
