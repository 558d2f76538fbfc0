// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks;

import io.github.jbypass.examples.rig.Load;
import io.github.jbypass.examples.rig.LoadResult;
import io.github.jbypass.examples.rig.MeshRig;
import io.github.jbypass.examples.rig.Rounds;
import io.github.jbypass.examples.rig.SidecarMode;
import io.github.jbypass.programs.Bypass;
import java.io.PrintStream;
import java.util.List;

/** Requests through two sidecars: wrk, HAProxy, HAProxy, nginx, each pod in its own namespace. */
final class MeshBenchmark {
  private static final int SMALL = 36;
  private static final List<Integer> LARGE = List.of(16 << 10, 64 << 10, 1 << 20);
  private static final int CONNECTIONS = 10;

  private final PrintStream out;
  private final int rounds;
  private final int seconds;

  MeshBenchmark(PrintStream out, int rounds, int seconds) {
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
        var always = MeshRig.start("always", mode);
        var bypass = Bypass.builder().cgroup(accelerated.cgroup()).load().attach();
        var _ = new RedirectAlways(always.cgroup(), bypass.fionread())) {
      var rigs = List.of(plain, accelerated, always);
      out.println(
          "| two sidecars in "
              + mode
              + " mode | plain req/s | accelerated | / plain | p99 / plain | / redirect always |");
      out.println("|---|---:|---:|---:|---:|---:|");
      for (int connections : List.of(1, CONNECTIONS, 100)) {
        row(rigs, "small body, " + connections, Load.keepAlive(connections, seconds, SMALL));
      }
      for (int body : LARGE) {
        var name = (body >> 10) + " KiB body, " + CONNECTIONS;
        row(rigs, name, Load.keepAlive(CONNECTIONS, seconds, body));
      }
      var close = Load.of(CONNECTIONS, seconds, SMALL, true);
      row(rigs, "connect-request-close, " + CONNECTIONS, close);
      out.println();
      out.println("accelerated sockets of this table: " + bypass.counters());
      out.println();
    }
  }

  private void row(List<MeshRig> rigs, String name, Load load) throws Exception {
    var medians = Rounds.medians(rigs, load, rounds);
    var plain = medians.getFirst();
    var accelerated = medians.get(1);
    var always = medians.getLast();
    out.printf(
        "| %s | %.0f | %.0f | %.2f | %.2f | %.2f |%n",
        name,
        plain.requestsPerSecond(),
        accelerated.requestsPerSecond(),
        accelerated.requestsPerSecond() / plain.requestsPerSecond(),
        (double) accelerated.p99Micros() / plain.p99Micros(),
        accelerated.requestsPerSecond() / always.requestsPerSecond());
    long errors = medians.stream().mapToLong(LoadResult::errors).sum();
    if (errors != 0) {
      throw new IllegalStateException(errors + " requests failed");
    }
  }
}
