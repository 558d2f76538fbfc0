// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jbypass.core.PerCpu;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;

/** Looks up a counter of a per-CPU array and adds up what all CPUs counted. */
public class PerCpuSum extends SingleOperation {
  private PerCpu cpus;

  /** Fills the map. */
  @Setup
  public void open() {
    open(MapKind.PERCPU_ARRAY);
    cpus = filled.map.perCpu(filled.arena());
  }

  /** {@code BpfMap.lookup} and {@code PerCpu.sumLongs}. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long numbers() {
    var map = filled.map;
    var key = filled.key;
    var values = cpus.values();
    long sum = 0;
    for (int i = 0; i < OPERATIONS; i++) {
      key.set(JAVA_INT, 0, key(i));
      if (map.lookup(key, values)) {
        sum += cpus.sumLongs(0);
      }
    }
    return complete(sum);
  }

  /** {@code bpf_map_lookup_elem} and a loop in C. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long c() {
    return complete(CLoops.lookupAllCpus(filled.fd, ENTRIES, ROUNDS, cpus.cpus()));
  }

  private long complete(long sum) {
    return Expect.that(sum, ROUNDS * filled.sum, "the sum of all CPUs");
  }
}
