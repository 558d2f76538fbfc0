// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import me.bechberger.ebpf.bpf.raw.LibraryLoader;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** All entries of a map, batch after batch. */
@State(Scope.Thread)
public abstract class BatchOperation {
  static final int ENTRIES = 65536;

  /** Entries of a batch. */
  @Param({"64", "1024", "65536"})
  public int batch;

  FilledMap filled;
  MemorySegment keys;
  MemorySegment values;
  MemorySegment count;

  /** The same, cut into batches. */
  MemorySegment[] keysOf;

  MemorySegment[] valuesOf;

  /** Called by the setup of each subclass. */
  void open(MapKind kind) {
    LibraryLoader.load();
    filled = new FilledMap(kind, ENTRIES);
    keys = filled.keys();
    values = filled.values();
    count = filled.arena().allocate(JAVA_INT);
    keysOf = cut(keys);
    valuesOf = cut(values);
  }

  private MemorySegment[] cut(MemorySegment all) {
    long size = all.byteSize() / ENTRIES * batch;
    var cut = new MemorySegment[ENTRIES / batch];
    for (int i = 0; i < cut.length; i++) {
      cut[i] = all.asSlice(i * size, size);
    }
    return cut;
  }

  /** Frees the map. */
  @TearDown
  public void close() {
    filled.close();
  }
}
