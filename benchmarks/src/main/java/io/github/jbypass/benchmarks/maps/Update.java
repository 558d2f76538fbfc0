// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.UpdateMode;
import me.bechberger.ebpf.bpf.raw.Lib;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Replaces the value of a key that is there. */
public class Update extends SingleOperation {
  /** The map. */
  @Param({"HASH", "LRU_HASH", "SOCKHASH", "ARRAY", "PERCPU_ARRAY"})
  public MapKind kind;

  /** Fills the map. */
  @Setup
  public void open() {
    open(kind);
  }

  /** {@code BpfMap.update}. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public void memory() {
    var map = filled.map;
    var key = filled.key;
    var value = filled.value;
    for (int i = 0; i < OPERATIONS; i++) {
      key.set(JAVA_INT, 0, key(i));
      value.set(JAVA_LONG, 0, filled.contents[key(i)]);
      map.update(key, value, UpdateMode.ANY);
    }
  }

  /** {@code LongMap.put}. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public void numbers() {
    var map = numbers;
    for (int i = 0; i < OPERATIONS; i++) {
      map.put(key(i), filled.contents[key(i)]);
    }
  }

  /** {@code bpf_map_update_elem} in C. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long c() {
    long stored = CLoops.update(filled.fd, filled.contentsInC, ENTRIES, ROUNDS);
    return Expect.that(stored, OPERATIONS, "stored entries");
  }

  /** The same function through rawbpf. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public void rawbpf() {
    int map = filled.fd;
    var key = filled.key;
    var value = filled.value;
    for (int i = 0; i < OPERATIONS; i++) {
      key.set(JAVA_INT, 0, key(i));
      value.set(JAVA_LONG, 0, filled.contents[key(i)]);
      Expect.success(Lib.bpf_map_update_elem(map, key, value, 0));
    }
  }
}
