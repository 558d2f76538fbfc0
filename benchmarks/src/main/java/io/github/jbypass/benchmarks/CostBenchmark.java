// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks;

import io.github.jbypass.core.KernelStatistics;
import io.github.jbypass.core.ProgramStatistics;
import io.github.jbypass.examples.rig.Load;
import io.github.jbypass.examples.rig.MeshRig;
import io.github.jbypass.examples.rig.SidecarMode;
import io.github.jbypass.programs.Bypass;
import java.io.PrintStream;
import java.time.Duration;

/** What the programs themselves cost, by the kernel's own run-time statistics. */
final class CostBenchmark {
  private static final int ROUND_TRIP_SIZE = 64;
  private static final int CONNECTIONS = 10;
  private static final int BODY = 36;

  private final PrintStream out;
  private final int seconds;

  CostBenchmark(PrintStream out, int seconds) {
    this.out = out;
    this.seconds = seconds;
  }

  void run() throws Exception {
    out.println("| program, ns a run (the kernel's measuring included) | sk_msg | sock_ops |");
    out.println("|---|---:|---:|");
    try (var _ = KernelStatistics.enable()) {
      loopback();
      mesh(false);
      mesh(true);
    }
    out.println();
  }

  private void loopback() throws Exception {
    try (var enclave = new Enclave("cost");
        var bypass = Bypass.builder().cgroup(enclave.cgroup()).load().attach();
        var connection = enclave.open(Connection::tcp)) {
      Measurement.roundTrip(ROUND_TRIP_SIZE).run(connection, Duration.ofSeconds(seconds));
      row("64 B round trips over loopback", bypass);
    }
  }

  private void mesh(boolean close) throws Exception {
    try (var rig = MeshRig.start("cost", SidecarMode.HTTP);
        var bypass = Bypass.builder().cgroup(rig.cgroup()).load().attach()) {
      rig.load(Load.of(CONNECTIONS, seconds, BODY, close));
      row(close ? "mesh, connect-request-close" : "mesh, small bodies", bypass);
    }
  }

  private void row(String name, Bypass bypass) {
    out.printf(
        "| %s | %s | %s |%n",
        name, average(bypass.messageStatistics()), average(bypass.connectionStatistics()));
  }

  private static String average(ProgramStatistics statistics) {
    return statistics.runs() == 0
        ? "-"
        : "%.0f".formatted((double) statistics.nanoseconds() / statistics.runs());
  }
}
