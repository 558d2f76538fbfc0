// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.BatchCursor;
import java.lang.foreign.MemorySegment;
import me.bechberger.ebpf.bpf.raw.Lib;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Reads a whole map in batches. */
public class BatchLookup extends BatchOperation {
  /** The map. */
  @Param({"HASH", "LRU_HASH", "ARRAY", "PERCPU_ARRAY"})
  public MapKind kind;

  private BatchCursor cursor;
  private MemorySegment from;
  private MemorySegment to;

  /** Fills the map. */
  @Setup
  public void open() {
    open(kind);
    cursor = filled.map.lookupBatches(filled.arena(), batch);
    from = filled.arena().allocate(Integer.BYTES, Long.BYTES);
    to = filled.arena().allocate(Integer.BYTES, Long.BYTES);
  }

  /** A {@code BatchCursor}, used again and again. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long memory() {
    int size = filled.map.transferSize();
    long sum = 0;
    cursor.rewind();
    while (cursor.next()) {
      var read = cursor.values();
      for (int i = 0; i < cursor.count(); i++) {
        sum += read.get(JAVA_LONG, (long) i * size);
      }
    }
    return complete(sum);
  }

  /** {@code bpf_map_lookup_batch} in C. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long c() {
    int size = filled.map.transferSize();
    return complete(CLoops.walkBatches(filled.fd, keys, values, batch, size));
  }

  /** The same function through rawbpf. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long rawbpf() {
    int size = filled.map.transferSize();
    var position = MemorySegment.NULL;
    var next = to;
    long sum = 0;
    int result;
    do {
      count.set(JAVA_INT, 0, batch);
      result =
          Lib.bpf_map_lookup_batch(
              filled.fd, position, next, keys, values, count, MemorySegment.NULL);
      if (result != SingleOperation.ERROR_NOT_FOUND) {
        Expect.success(result);
      }
      int read = count.get(JAVA_INT, 0);
      for (int i = 0; i < read; i++) {
        sum += values.get(JAVA_LONG, (long) i * size);
      }
      position = next;
      next = next == to ? from : to;
    } while (result == 0);
    return complete(sum);
  }

  private long complete(long sum) {
    return Expect.that(sum, filled.sum, "the sum of all values");
  }
}
