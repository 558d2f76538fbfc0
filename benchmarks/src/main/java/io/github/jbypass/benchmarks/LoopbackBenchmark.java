// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks;

import io.github.jbypass.programs.Bypass;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/** Round trips and one-way streams between two sockets over loopback. */
final class LoopbackBenchmark {
  private static final int ROUND_TRIP_SIZE = 64;
  private static final List<Integer> STREAM_SIZES = List.of(1 << 10, 4 << 10, 16 << 10, 64 << 10);

  private enum Variant {
    TCP,
    UNIX,
    ALWAYS,
    ACCELERATED
  }

  private final PrintStream out;
  private final int rounds;
  private final Duration time;

  LoopbackBenchmark(PrintStream out, int rounds, Duration time) {
    this.out = out;
    this.rounds = rounds;
    this.time = time;
  }

  void run() throws Exception {
    try (var accelerated = new Enclave("accelerated");
        var always = new Enclave("always");
        var bypass = Bypass.builder().cgroup(accelerated.cgroup()).load().attach();
        var _ = new RedirectAlways(always.cgroup(), bypass.fionread())) {
      roundTrips(accelerated, always);
      streams(accelerated, always);
      out.println("accelerated sockets of this table: " + bypass.counters());
      out.println("FIONREAD: " + bypass.fionread());
    }
  }

  private void roundTrips(Enclave accelerated, Enclave always) throws Exception {
    out.println("| round trip of 64 B over loopback | us | / AF_UNIX |");
    out.println("|---|---:|---:|");
    var medians = measure(Measurement.roundTrip(ROUND_TRIP_SIZE), accelerated, always);
    double unix = medians.of(Variant.UNIX);
    row("TCP", medians.of(Variant.TCP), unix);
    row("AF_UNIX", unix, unix);
    row("redirect always", medians.of(Variant.ALWAYS), unix);
    row("accelerated", medians.of(Variant.ACCELERATED), unix);
    out.println();
  }

  private void row(String name, double micros, double base) {
    out.printf("| %s | %.1f | %.2f |%n", name, micros, micros / base);
  }

  private void streams(Enclave accelerated, Enclave always) throws Exception {
    out.println(
        "| one-way stream, writes of | TCP MB/s | accelerated | / TCP | / redirect always |");
    out.println("|---|---:|---:|---:|---:|");
    for (int size : STREAM_SIZES) {
      var medians = measure(Measurement.stream(size), accelerated, always);
      double mine = medians.of(Variant.ACCELERATED);
      out.printf(
          "| %d KiB | %.0f | %.0f | %.2f | %.2f |%n",
          size >> 10,
          medians.of(Variant.TCP),
          mine,
          mine / medians.of(Variant.TCP),
          mine / medians.of(Variant.ALWAYS));
    }
    out.println();
  }

  private Medians<Variant> measure(Measurement measurement, Enclave accelerated, Enclave always)
      throws Exception {
    return new Medians<>(
        List.of(Variant.values()),
        rounds,
        variant -> {
          try (var connection =
              switch (variant) {
                case TCP -> Connection.tcp();
                case UNIX -> Connection.unix();
                case ALWAYS -> always.open(Connection::tcp);
                case ACCELERATED -> accelerated.open(Connection::tcp);
              }) {
            measurement.run(connection, time.dividedBy(4)); // warms up
            return measurement.run(connection, time);
          }
        });
  }
}
