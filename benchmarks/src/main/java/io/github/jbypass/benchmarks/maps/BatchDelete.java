// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import me.bechberger.ebpf.bpf.raw.Lib;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Removes all entries in batches; they are put back outside the measurement. */
public class BatchDelete extends BatchOperation {
  /** The map. */
  @Param({"HASH", "LRU_HASH"})
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

  /** {@code BpfMap.deleteBatch}. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long memory() {
    long deleted = 0;
    for (var some : keysOf) {
      deleted += filled.map.deleteBatch(some, batch);
    }
    return complete(deleted);
  }

  /** {@code bpf_map_delete_batch} in C. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long c() {
    return complete(CLoops.deleteBatches(filled.fd, keys, ENTRIES, batch));
  }

  /** The same function through rawbpf. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long rawbpf() {
    long deleted = 0;
    for (var some : keysOf) {
      count.set(JAVA_INT, 0, batch);
      Expect.success(Lib.bpf_map_delete_batch(filled.fd, some, count, MemorySegment.NULL));
      deleted += count.get(JAVA_INT, 0);
    }
    return complete(deleted);
  }

  private static long complete(long deleted) {
    return Expect.that(deleted, ENTRIES, "deleted entries");
  }
}
