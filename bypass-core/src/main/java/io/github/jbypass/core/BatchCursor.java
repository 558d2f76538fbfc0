// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.MapCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Reads a map from beginning to end, many entries a system call. It belongs to one map: there is no
 * way to go on with it in another.
 *
 * <p>In a hash, entries that are there all the time are handed out exactly once, however the map
 * changes; in an array each index once. A trie begins again when the key that the cursor stands on
 * is removed: there, entries that stay are handed out at least once, and a cursor that gets nowhere
 * gives up.
 *
 * <p>Allocates nothing after its creation, unless a bucket of the hash holds more than a batch has
 * room for. Not thread-safe; others may use the map.
 */
public final class BatchCursor {
  private static final int MAX_INTERRUPTIONS = 100;

  private final BpfMap map;
  private final MapOperation operation;
  private final Arena arena;
  private final MemorySegment countCell;
  private MemorySegment from;
  private MemorySegment to;
  private MemorySegment keys;
  private MemorySegment values;
  private int capacity;
  private int count;
  private long handedOut;
  private boolean begun;
  private boolean ended;

  BatchCursor(BpfMap map, MapOperation operation, Arena arena, int entries) {
    if (entries <= 0) {
      throw new IllegalArgumentException("a batch of " + entries + " entries");
    }
    this.map = map;
    this.operation = operation;
    this.arena = arena;
    this.countCell = arena.allocate(JAVA_INT);
    long position = Math.max(map.keySize(), Integer.BYTES); // a key, or the number of a bucket
    this.from = arena.allocate(position, Long.BYTES);
    this.to = arena.allocate(position, Long.BYTES);
    this.capacity = entries;
    this.keys = allocate(map.keySize());
    this.values = allocate(map.transferSize());
  }

  private MemorySegment allocate(int size) {
    return arena.allocate((long) capacity * size, Long.BYTES);
  }

  /**
   * Reads the next entries.
   *
   * @return whether there are any; if not, the end is reached
   * @throws UnsupportedByTypeException if maps of this type, or this kernel's, can't do it
   * @throws IterationAbortedException if a trie changes so fast that the cursor gets nowhere
   */
  public boolean next() {
    count = 0;
    int interruptions = 0;
    while (!ended && count == 0) {
      countCell.set(JAVA_INT, 0, capacity);
      int result = read(begun ? from : MemorySegment.NULL);
      switch (result) {
        case 0 -> {
          advance();
          ended = count == 0;
        }
        case -Errno.ENOENT -> {
          count = countCell.get(JAVA_INT, 0);
          ended = true;
        }
        case -Errno.ENOSPC -> {
          advance();
          grow();
        }
        case -Errno.EINTR -> { // older kernels give up on a key that vanishes while they look
          if (countCell.get(JAVA_INT, 0) > 0) {
            advance();
          } else if (++interruptions > MAX_INTERRUPTIONS) {
            throw stuck();
          }
        }
        default -> throw MapFailure.of(map, operation, -result);
      }
    }
    handedOut += count;
    if (!map.type().hasFixedOrder() && handedOut > MapWalk.limit(map)) {
      throw new IterationAbortedException(map.toString(), handedOut);
    }
    return count > 0;
  }

  /**
   * Goes back to before the first batch, to read the map once more with the same memory.
   *
   * @return this
   */
  public BatchCursor rewind() {
    count = 0;
    handedOut = 0;
    begun = false;
    ended = false;
    return this;
  }

  private BpfException stuck() {
    return map.type() == MapType.ARRAY_OF_MAPS
        ? MapFailure.unsupported(
            map, operation, "this kernel does not pass over empty entries: do it one by one")
        : new IterationAbortedException(map.toString(), handedOut);
  }

  private int read(MemorySegment position) {
    map.owner().acquire();
    try {
      return operation == MapOperation.LOOKUP_BATCH
          ? MapCalls.lookupBatch(map.fd(), position, to, keys, values, countCell)
          : MapCalls.lookupAndDeleteBatch(map.fd(), position, to, keys, values, countCell);
    } finally {
      map.owner().release();
    }
  }

  private void advance() {
    count = countCell.get(JAVA_INT, 0);
    var reached = to;
    to = from;
    from = reached;
    begun = true;
  }

  /** The bucket that comes next holds more than a whole batch. */
  private void grow() {
    capacity = Math.multiplyExact(capacity, 2);
    keys = allocate(map.keySize());
    values = allocate(map.transferSize());
  }

  /** {@return how many entries {@link #next} read} */
  public int count() {
    return count;
  }

  /** {@return the keys that were read, one after the other; overwritten by {@link #next}} */
  public MemorySegment keys() {
    return keys;
  }

  /**
   * {@return the values that were read, {@link BpfMap#transferSize} bytes each; overwritten by
   * {@link #next}}
   */
  public MemorySegment values() {
    return values;
  }

  /**
   * {@return one of the keys}
   *
   * @param index from 0 to {@link #count} - 1
   */
  public MemorySegment key(int index) {
    return slice(keys, index, map.keySize());
  }

  /**
   * {@return one of the values}
   *
   * @param index from 0 to {@link #count} - 1
   */
  public MemorySegment value(int index) {
    return slice(values, index, map.transferSize());
  }

  private MemorySegment slice(MemorySegment all, int index, int size) {
    return all.asSlice((long) Objects.checkIndex(index, count) * size, size);
  }
}
