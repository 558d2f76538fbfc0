// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.MapFlag;
import io.github.jbypass.core.MappedArray;
import io.github.jbypass.core.SharedLongs;
import io.github.jbypass.core.UpdateMode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Reads a counter from the memory that programs count in. */
@State(Scope.Thread)
public class CounterRead {
  static final int OPERATIONS = 65536;
  private static final int COUNTERS = 64;
  private static final int INDEX = 7;
  private static final long VALUE = 12_345;

  private BpfMap map;
  private MappedArray mapped;
  private SharedLongs counters;
  private MemorySegment memoryInC;

  /** Maps an array of counters, for Java and for C. */
  @Setup
  public void open() {
    map = BpfMap.create(MapKind.ARRAY.spec(COUNTERS).with(MapFlag.MMAPABLE));
    try (var arena = Arena.ofConfined()) {
      var key = arena.allocateFrom(JAVA_INT, INDEX);
      map.update(key, arena.allocateFrom(JAVA_LONG, VALUE), UpdateMode.ANY);
    }
    mapped = map.mapped(MappedArray.Access.READ);
    counters = mapped.longs();
    int fd = CLoops.openMap(map.info().id());
    memoryInC = CLoops.mapMemory(fd, COUNTERS * Long.BYTES);
    CLoops.close(fd);
  }

  /** Frees the map. */
  @TearDown
  public void close() {
    CLoops.unmapMemory(memoryInC, COUNTERS * Long.BYTES);
    mapped.close();
    map.close();
  }

  /** {@code SharedLongs.getOpaque}. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long numbers() {
    var counters = this.counters;
    long sum = 0;
    for (int i = 0; i < OPERATIONS; i++) {
      sum += counters.getOpaque(INDEX);
    }
    return complete(sum);
  }

  /** A volatile read in C. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long c() {
    return complete(CLoops.readCounter(memoryInC, INDEX, OPERATIONS));
  }

  private static long complete(long sum) {
    return Expect.that(sum, OPERATIONS * VALUE, "the sum of what was read");
  }
}
