// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import me.bechberger.ebpf.bpf.raw.Lib;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Removes entries that are there: all of them, which are then put back outside the measurement. */
public class Delete extends SingleOperation {
  /** The map. */
  @Param({"HASH", "LRU_HASH", "SOCKHASH"})
  public MapKind kind;

  /** Creates the map. */
  @Setup
  public void open() {
    open(kind);
  }

  /** Puts all entries back. */
  @Setup(Level.Invocation)
  public void fill() {
    filled.fill();
  }

  /** {@code BpfMap.delete}. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long memory() {
    var map = filled.map;
    var key = filled.key;
    int deleted = 0;
    for (int i = 0; i < ENTRIES; i++) {
      key.set(JAVA_INT, 0, i);
      deleted += map.delete(key) ? 1 : 0;
    }
    return complete(deleted);
  }

  /** {@code LongMap.remove}. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long numbers() {
    var map = numbers;
    int deleted = 0;
    for (int i = 0; i < ENTRIES; i++) {
      deleted += map.remove(i) ? 1 : 0;
    }
    return complete(deleted);
  }

  /** {@code bpf_map_delete_elem} in C. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long c() {
    return complete(CLoops.delete(filled.fd, ENTRIES));
  }

  /** The same function through rawbpf. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long rawbpf() {
    int map = filled.fd;
    var key = filled.key;
    int deleted = 0;
    for (int i = 0; i < ENTRIES; i++) {
      key.set(JAVA_INT, 0, i);
      deleted += Expect.success(Lib.bpf_map_delete_elem(map, key)) == 0 ? 1 : 0;
    }
    return complete(deleted);
  }

  private static long complete(long deleted) {
    return Expect.that(deleted, ENTRIES, "deleted entries");
  }
}
