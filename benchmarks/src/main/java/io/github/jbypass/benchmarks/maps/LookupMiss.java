// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import me.bechberger.ebpf.bpf.raw.Lib;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Asks for a key that is not there; in an array, for an index behind its end. */
public class LookupMiss extends SingleOperation {
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
    int missed = 0;
    for (int i = 0; i < OPERATIONS; i++) {
      key.set(JAVA_INT, 0, ENTRIES + key(i));
      missed += map.lookup(key, value) ? 0 : 1;
    }
    return complete(missed);
  }

  /** {@code LongMap.get}. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long numbers() {
    var map = numbers;
    long missed = 0;
    for (int i = 0; i < OPERATIONS; i++) {
      missed -= map.get(ENTRIES + key(i), -1);
    }
    return complete(missed);
  }

  /** {@code bpf_map_lookup_elem} in C, which passes over nothing but ENOENT. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long c() {
    long sum = CLoops.lookup(filled.fd, ENTRIES, ENTRIES, ROUNDS);
    return Expect.that(sum, 0, "the sum of what was found");
  }

  /** The same function through rawbpf. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long rawbpf() {
    int map = filled.fd;
    var key = filled.key;
    var value = filled.value;
    int missed = 0;
    for (int i = 0; i < OPERATIONS; i++) {
      key.set(JAVA_INT, 0, ENTRIES + key(i));
      missed += Lib.bpf_map_lookup_elem(map, key, value) == ERROR_NOT_FOUND ? 1 : 0;
    }
    return complete(missed);
  }

  private static long complete(long missed) {
    return Expect.that(missed, OPERATIONS, "misses");
  }
}
