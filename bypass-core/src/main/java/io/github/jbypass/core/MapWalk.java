// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Visits a map that changes meanwhile: hashes and arrays in batches, which go from bucket to bucket
 * or index to index and can't lose their way; everything else key by key.
 */
final class MapWalk {
  private static final int BATCH_BYTES = 256 * 1024;
  private static final int MIN_BATCH = 8;
  private static final int MAX_BATCH = 1024;

  private static final int TRAIL = 8; // keys to fall back on when others remove the last one

  private final BpfMap map;

  MapWalk(BpfMap map) {
    this.map = map;
  }

  /** How many entries of a map are seen at most: it has to end even if others outrun the walk. */
  static long limit(BpfMap map) {
    return 4L * Integer.toUnsignedLong(map.maxEntries()) + 1024;
  }

  void keys(Consumer<MemorySegment> action) {
    if (!batches((key, _) -> action.accept(key))) {
      oneByOne(action);
    }
  }

  void entries(BiConsumer<MemorySegment, MemorySegment> action) {
    if (batches(action)) {
      return;
    }
    try (var arena = Arena.ofConfined()) {
      var value = arena.allocate(map.transferSize(), Long.BYTES);
      oneByOne(
          key -> {
            if (map.lookup(key, value)) {
              action.accept(key, value);
            }
          });
    }
  }

  /** Returns false if this type has no batches, in this kernel, that can't lose their way. */
  private boolean batches(BiConsumer<MemorySegment, MemorySegment> action) {
    if (!map.type().hasFixedOrder()) {
      return false;
    }
    int room = Math.clamp(BATCH_BYTES / (map.keySize() + map.transferSize()), MIN_BATCH, MAX_BATCH);
    try (var arena = Arena.ofConfined()) {
      var cursor =
          map.lookupBatches(arena, (int) Math.min(room, Integer.toUnsignedLong(map.maxEntries())));
      try {
        if (!cursor.next()) {
          return true;
        }
      } catch (UnsupportedByTypeException e) {
        return false;
      }
      do {
        for (int i = 0; i < cursor.count(); i++) {
          action.accept(cursor.key(i), cursor.value(i));
        }
      } while (cursor.next());
      return true;
    }
  }

  /** Looks one key ahead, so that the action may remove the key that it gets. */
  private void oneByOne(Consumer<MemorySegment> action) {
    try (var arena = Arena.ofConfined()) {
      var keys = new Trail(arena);
      var current = arena.allocate(map.keySize(), Long.BYTES);
      boolean more = keys.advance();
      while (more) {
        current.copyFrom(keys.newest());
        more = keys.advance();
        action.accept(current);
      }
    }
  }

  /**
   * The keys that the walk saw last. A key that was removed is followed by the first one, as far as
   * the kernel is concerned; the walk then goes on from an older key, if that is still there.
   */
  private final class Trail {
    private final MemorySegment[] keys = new MemorySegment[TRAIL];
    private final MemorySegment first;
    private final MemorySegment candidate;
    private long steps;

    Trail(Arena arena) {
      first = arena.allocate(map.keySize(), Long.BYTES);
      candidate = arena.allocate(map.keySize(), Long.BYTES);
      for (int i = 0; i < TRAIL; i++) {
        keys[i] = arena.allocate(map.keySize(), Long.BYTES);
      }
    }

    MemorySegment newest() {
      return at(0);
    }

    private MemorySegment at(int back) {
      return keys[Math.floorMod(steps - 1 - back, TRAIL)];
    }

    /** Finds the next key; false at the end. */
    boolean advance() {
      if (steps > limit(map)) {
        throw new IterationAbortedException(map.toString(), steps);
      }
      if (!findNext()) {
        return false;
      }
      steps++;
      newest().copyFrom(candidate);
      return true;
    }

    private boolean findNext() {
      if (steps == 0) {
        boolean any = map.nextKey(null, candidate);
        first.copyFrom(candidate);
        return any;
      }
      for (int back = 0; back < Math.min(steps, TRAIL); back++) {
        if (!map.nextKey(at(back), candidate)) {
          return false;
        }
        if (back > 0 && equal(candidate, at(back - 1))) {
          break; // the younger key is there after all: what follows it is the first one
        }
        if (!equal(candidate, first)) {
          return true;
        }
      }
      candidate.copyFrom(first);
      return true;
    }

    private boolean equal(MemorySegment a, MemorySegment b) {
      return a.mismatch(b) < 0;
    }
  }
}
