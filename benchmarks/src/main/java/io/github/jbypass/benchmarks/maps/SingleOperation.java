// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import io.github.jbypass.core.typed.LongMap;
import me.bechberger.ebpf.bpf.raw.LibraryLoader;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A map of a thousand entries, whose keys are used one after the other, again and again. */
@State(Scope.Thread)
public abstract class SingleOperation {
  static final int ENTRIES = 1024;
  static final int ROUNDS = 16;
  static final int OPERATIONS = ENTRIES * ROUNDS;
  static final int ERROR_NOT_FOUND = -2; // -ENOENT

  FilledMap filled;
  @Nullable LongMap numbers;

  /** Called by the setup of each subclass. */
  void open(MapKind kind) {
    LibraryLoader.load();
    filled = new FilledMap(kind, ENTRIES);
    numbers = kind.isPerCpu() ? null : filled.numbers();
  }

  /** Frees the map. */
  @TearDown
  public void close() {
    filled.close();
  }

  static int key(int operation) {
    return operation & ENTRIES - 1;
  }
}
