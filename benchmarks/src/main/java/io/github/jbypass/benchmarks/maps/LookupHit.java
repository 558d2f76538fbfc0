// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import me.bechberger.ebpf.bpf.raw.Lib;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Copies the value of a key that is there. */
public class LookupHit extends SingleOperation {
  /** The map. */
  @Param({"HASH", "LRU_HASH", "SOCKHASH", "ARRAY", "PERCPU_ARRAY"})
  public MapKind kind;

  /** Fills the map. */
  @Setup
  public void open() {
    open(kind);
  }

  /** {@code BpfMap.lookup}. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long memory() {
    var map = filled.map;
    var key = filled.key;
    var value = filled.value;
    long sum = 0;
    for (int i = 0; i < OPERATIONS; i++) {
      key.set(JAVA_INT, 0, key(i));
      if (map.lookup(key, value)) {
        sum += value.get(JAVA_LONG, 0);
      }
    }
    return complete(sum);
  }

  /** {@code LongMap.get}. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long numbers() {
    var map = numbers;
    long sum = 0;
    for (int i = 0; i < OPERATIONS; i++) {
      sum += map.get(key(i), 0);
    }
    return complete(sum);
  }

  /** {@code bpf_map_lookup_elem} in C. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long c() {
    return complete(CLoops.lookup(filled.fd, 0, ENTRIES, ROUNDS));
  }

  /** The same function through rawbpf. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long rawbpf() {
    int map = filled.fd;
    var key = filled.key;
    var value = filled.value;
    long sum = 0;
    for (int i = 0; i < OPERATIONS; i++) {
      key.set(JAVA_INT, 0, key(i));
      Expect.success(Lib.bpf_map_lookup_elem(map, key, value));
      sum += value.get(JAVA_LONG, 0);
    }
    return complete(sum);
  }

  private long complete(long sum) {
    return Expect.that(sum, ROUNDS * filled.sum, "the sum of what was found");
  }
}
