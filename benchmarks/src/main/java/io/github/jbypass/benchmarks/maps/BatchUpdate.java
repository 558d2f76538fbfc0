// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import me.bechberger.ebpf.bpf.raw.Lib;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Replaces all values of a map in batches. */
public class BatchUpdate extends BatchOperation {
  /** The map. */
  @Param({"HASH", "LRU_HASH", "ARRAY", "PERCPU_ARRAY"})
  public MapKind kind;

  /** Fills the map. */
  @Setup
  public void open() {
    open(kind);
  }

  /** {@code BpfMap.updateBatch}. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public void memory() {
    for (int i = 0; i < keysOf.length; i++) {
      filled.map.updateBatch(keysOf[i], valuesOf[i], batch);
    }
  }

  /** {@code bpf_map_update_batch} in C. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long c() {
    int size = filled.map.transferSize();
    long stored = CLoops.updateBatches(filled.fd, keys, values, ENTRIES, batch, size);
    return Expect.that(stored, ENTRIES, "stored entries");
  }

  /** The same function through rawbpf. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public void rawbpf() {
    for (int i = 0; i < keysOf.length; i++) {
      count.set(JAVA_INT, 0, batch);
      Expect.success(
          Lib.bpf_map_update_batch(filled.fd, keysOf[i], valuesOf[i], count, MemorySegment.NULL));
    }
  }
}
