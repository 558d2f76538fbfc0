// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Counters;
import io.github.jbypass.programs.Bypass;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What many live connections cost, each message and each of them. */
final class Scaling implements Section {
  private static final Metric FEW = Metric.less("message, 100 pairs busy", "ns");
  private static final Metric ALL = Metric.less("message, all pairs busy", "ns");
  private static final Metric OPEN = Metric.less("connect and accept", "µs");
  private static final Metric MEMORY = Metric.less("kernel memory of a pair", "KiB");
  private static final Metric MAPS_OF_PAIR = Metric.less("maps' memory of a pair", "KiB");
  private static final Metric MAPS = Metric.less("all maps", "MiB");

  /** Fewer are lost in what the kernel allocates meanwhile for other things. */
  private static final int LEAST_PAIRS_FOR_MEMORY = 1000;

  private static final int BUSY = 100;
  private static final long MEMORY_OF_PAIR = 32 << 10; // plenty, Java's included
  private static final String NAME = "live pairs over loopback";

  /** In a cgroup with programs, or where this process is. */
  private record Side(String name, Optional<Enclave> enclave, Optional<Bypass> bypass)
      implements Variant {
    @Override
    public Optional<Counters> counters() {
      return bypass.map(Bypass::counters);
    }
  }

  @Override
  public void run(Setting setting, Findings findings) throws Exception {
    try (var enclave = new Enclave("scaling");
        var bypass =
            Bypass.builder().cgroup(enclave.cgroup()).enrolShortConnections().load().attach()) {
      var sides =
          List.of(
              new Side(Variant.TCP, Optional.empty(), Optional.empty()),
              new Side(Variant.ACCELERATED, Optional.of(enclave), Optional.of(bypass)));
      var turns = new Turns<>(NAME, sides, setting, findings);
      for (int pairs :
          setting.pick(List.of(100, 1_000, 10_000, 50_000), List.of(100, 10_000), List.of(100))) {
        long needed = pairs * MEMORY_OF_PAIR;
        if (KernelMemory.available() < needed) {
          findings.note(
              "%s were not measured: they may need %d MiB, which this machine has not free"
                  .formatted(Sizes.count(pairs, "pair"), needed >> 20));
          continue;
        }
        turns.measure(
            Sizes.count(pairs, "pair"),
            Proof.REDIRECTS,
            side -> measure(side, pairs, setting.time().toMillis() / 2));
      }
    }
    Outsiders.run(setting, findings);
  }

  @Override
  public List<Goal> goals() {
    var fewest = Sizes.count(BUSY, "pair");
    var flat = Goal.flat(FEW, Variant.ACCELERATED, fewest, 1.1);
    var goals = new ArrayList<>(Outsiders.goals());
    goals.add(flat.where(result -> !result.scenario().equals(fewest)));
    return goals;
  }

  private static Map<Metric, Double> measure(Side side, int pairs, long millis) throws IOException {
    var figures = new LinkedHashMap<Metric, Double>();
    try (var crowd = new Crowd(side.enclave.map(Enclave::cgroup), pairs)) {
      long enrolledBefore = enrolled(side);
      long mapsBefore = mapMemory(side);
      long memoryBefore = KernelMemory.used();
      double nanos = crowd.open();
      double memory = KernelMemory.used() - memoryBefore;
      double maps = mapMemory(side) - mapsBefore;
      if (side.bypass.isPresent() && enrolled(side) - enrolledBefore != 2L * pairs) {
        throw new UnprovedException(
            "of %d sockets, %d were enrolled"
                .formatted(2 * pairs, enrolled(side) - enrolledBefore));
      }
      crowd.all(millis / 4); // the first message of a connection is another one's cost
      figures.put(FEW, crowd.few(Math.min(pairs, BUSY), millis));
      figures.put(ALL, crowd.all(millis));
      figures.put(OPEN, nanos / 1e3 / pairs);
      if (pairs >= LEAST_PAIRS_FOR_MEMORY) {
        figures.put(MEMORY, memory / (1 << 10) / pairs);
        if (side.bypass.isPresent()) {
          figures.put(MAPS_OF_PAIR, maps / (1 << 10) / pairs);
        }
      }
      if (side.bypass.isPresent()) {
        figures.put(MAPS, (mapsBefore + maps) / (1 << 20));
      }
    }
    return figures;
  }

  private static long mapMemory(Side side) {
    if (side.enclave.isEmpty()) {
      return 0;
    }
    try (var programs = new CgroupPrograms(side.enclave.get().cgroup())) {
      return programs.mapMemory();
    }
  }

  private static long enrolled(Side side) {
    return side.counters().map(counters -> counters.get(Counter.SOCKETS_ENROLLED)).orElse(0L);
  }
}
