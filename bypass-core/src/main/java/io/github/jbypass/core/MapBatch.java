// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.MapCalls;
import io.github.jbypass.core.internal.ScratchPool;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** Batches that write. */
final class MapBatch {
  private static final ScratchPool CELLS = new ScratchPool(0, Integer.BYTES);

  private MapBatch() {}

  /** Lends four bytes that hold a number. */
  static void withCell(int number, Consumer<MemorySegment> action) {
    var scratch = CELLS.take();
    var cell = scratch.value();
    try {
      cell.set(JAVA_INT, 0, number);
      action.accept(cell);
    } finally {
      CELLS.give(scratch);
    }
  }

  static void update(BpfMap map, MemorySegment keys, MemorySegment values, int count) {
    var scratch = CELLS.take();
    var cell = scratch.value();
    try {
      cell.set(JAVA_INT, 0, count);
      int result;
      map.owner().acquire();
      try {
        result = MapCalls.updateBatch(map.fd(), keys, values, cell);
      } finally {
        map.owner().release();
      }
      if (result < 0) {
        throw failure(map, MapOperation.UPDATE_BATCH, -result, 0, cell.get(JAVA_INT, 0), count);
      }
    } finally {
      CELLS.give(scratch);
    }
  }

  /** The kernel stops at the first key that is not there: go on behind it. */
  static int delete(BpfMap map, MemorySegment keys, int count) {
    var scratch = CELLS.take();
    var cell = scratch.value();
    try {
      int deleted = 0;
      int at = 0;
      while (at < count) {
        cell.set(JAVA_INT, 0, count - at);
        int result = delete(map, at == 0 ? keys : keys.asSlice((long) at * map.keySize()), cell);
        int done = cell.get(JAVA_INT, 0);
        if (result < 0 && result != -Errno.ENOENT) {
          throw failure(map, MapOperation.DELETE_BATCH, -result, at, done, count);
        }
        deleted += done;
        at += done + (result < 0 ? 1 : 0);
      }
      return deleted;
    } finally {
      CELLS.give(scratch);
    }
  }

  private static int delete(BpfMap map, MemorySegment keys, MemorySegment cell) {
    map.owner().acquire();
    try {
      return MapCalls.deleteBatch(map.fd(), keys, cell);
    } finally {
      map.owner().release();
    }
  }

  /** What fails before the first entry leaves the count as it was. */
  private static BpfException failure(
      BpfMap map, MapOperation operation, int errno, int before, int done, int count) {
    var cause = MapFailure.of(map, operation, errno);
    return cause instanceof UnsupportedByTypeException
        ? cause
        : new BatchFailedException(cause, before + (done < count - before ? done : 0), count);
  }
}
