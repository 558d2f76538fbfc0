// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.typed.LongMap;
import java.lang.foreign.MemorySegment;
import me.bechberger.ebpf.bpf.raw.Lib;
import me.bechberger.ebpf.bpf.raw.LibraryLoader;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Visits all entries of a map, the way that needs no thought; the figure is that of one entry. */
@State(Scope.Thread)
public class Walk {
  static final int OPERATIONS = 65536;
  private static final int BATCH = 1024; // what a C program would choose, and core does

  /** The map. */
  @Param({"HASH", "LRU_HASH", "SOCKHASH", "ARRAY", "PERCPU_ARRAY"})
  public MapKind kind;

  /** How many entries there are. */
  @Param({"1024", "65536"})
  public int entries;

  private FilledMap filled;
  private @Nullable LongMap numbers;
  private MemorySegment keys;
  private MemorySegment values;
  private long total;

  /** Fills the map. */
  @Setup
  public void open() {
    LibraryLoader.load();
    filled = new FilledMap(kind, entries);
    numbers = kind.isPerCpu() ? null : filled.numbers();
    keys = filled.arena().allocate((long) BATCH * filled.map.keySize());
    values = filled.arena().allocate((long) BATCH * filled.map.transferSize());
  }

  /** Frees the map. */
  @TearDown
  public void close() {
    filled.close();
  }

  private int walks() {
    return OPERATIONS / entries;
  }

  /** {@code BpfMap.forEach}. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long memory() {
    total = 0;
    for (int i = 0; i < walks(); i++) {
      filled.map.forEach((_, value) -> total += value.get(JAVA_LONG, 0));
    }
    return complete(total);
  }

  /** {@code LongMap.forEach}. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long numbers() {
    total = 0;
    for (int i = 0; i < walks(); i++) {
      numbers.forEach((_, value) -> total += value);
    }
    return complete(total);
  }

  /** In C, in batches where the map has them, else from key to key. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long c() {
    long sum = 0;
    for (int i = 0; i < walks(); i++) {
      sum +=
          kind.hasBatches()
              ? CLoops.walkBatches(filled.fd, keys, values, BATCH, filled.map.transferSize())
              : CLoops.walkKeys(filled.fd);
    }
    return complete(sum);
  }

  /** From key to key through rawbpf, as the project that it is made for iterates. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long rawbpf() {
    int map = filled.fd;
    var key = filled.key;
    var value = filled.value;
    long sum = 0;
    for (int i = 0; i < walks(); i++) {
      var previous = MemorySegment.NULL;
      while (Lib.bpf_map_get_next_key(map, previous, key) == 0) {
        Expect.success(Lib.bpf_map_lookup_elem(map, key, value));
        sum += value.get(JAVA_LONG, 0);
        previous = key;
      }
    }
    return complete(sum);
  }

  private long complete(long sum) {
    return Expect.that(sum, walks() * filled.sum, "the sum of all values");
  }
}
