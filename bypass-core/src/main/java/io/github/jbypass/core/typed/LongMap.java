// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.MapFullException;
import io.github.jbypass.core.UnsupportedByTypeException;
import io.github.jbypass.core.UpdateMode;
import io.github.jbypass.core.internal.BpfCalls;
import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.MapDescriptors;
import io.github.jbypass.core.internal.RawMemory;
import io.github.jbypass.core.internal.ScratchPool;
import io.github.jbypass.core.internal.ScratchPool.Scratch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;

/**
 * A map from numbers to numbers that boxes and allocates nothing. Keys and values have four or
 * eight bytes in C, in the host's byte order. Those of four bytes are unsigned: from 0 to 2³² − 1;
 * those of eight are what their bits are in a long. A face of a {@link BpfMap}, whose life time it
 * shares.
 *
 * <p>Thread-safe, each operation on one entry as atomic as the kernel's. Throws {@link
 * IllegalStateException} once the map is closed, {@link UnsupportedByTypeException} for what its
 * type can't do.
 */
public final class LongMap {
  private static final int BATCH = 1024;

  /** Takes the numbers of one entry. */
  @FunctionalInterface
  public interface LongBiConsumer {
    /**
     * Does something with an entry.
     *
     * @param key 0 to 2³² − 1 if keys have four bytes
     * @param value 0 to 2³² − 1 if values have four bytes
     */
    void accept(long key, long value);
  }

  /** How far four bytes at the beginning of eight are from the lowest ones. */
  private static final int DISTANCE =
      ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0 : Integer.SIZE;

  private final BpfMap map;
  private final Fd fd;
  private final boolean wideKeys;
  private final boolean wideValues;
  private final ScratchPool scratch = new ScratchPool(Long.BYTES, Long.BYTES);

  private LongMap(BpfMap map) {
    this.map = map;
    this.fd = MapDescriptors.of(map);
    this.wideKeys = map.keySize() == Long.BYTES;
    this.wideValues = map.valueSize() == Long.BYTES;
  }

  /**
   * {@return a face of a map}
   *
   * @param map a map of numbers
   * @throws LayoutMismatchException if its keys or values have neither four nor eight bytes
   * @throws IllegalArgumentException if it is a per-CPU map
   */
  public static LongMap of(BpfMap map) {
    var differences = new ArrayList<String>();
    check("keys", map.keySize(), differences);
    check("values", map.valueSize(), differences);
    if (!differences.isEmpty()) {
      throw new LayoutMismatchException(map.toString(), differences);
    }
    if (map.isPerCpu()) {
      throw new IllegalArgumentException(map + " has a value for each CPU: use BpfMap.perCpu");
    }
    return new LongMap(map);
  }

  private static void check(String what, int size, ArrayList<String> differences) {
    if (size != Integer.BYTES && size != Long.BYTES) {
      differences.add(what + ": numbers have 4 or 8 bytes, the map " + size);
    }
  }

  /** {@return the map, for everything else} */
  public BpfMap map() {
    return map;
  }

  /**
   * {@return the value of a key}
   *
   * @param key 0 to 2³² − 1 if keys have four bytes
   * @param absent what to return if there is no entry
   */
  public long get(long key, long absent) {
    var memory = take(key);
    try {
      return find(memory) ? value(memory) : absent;
    } finally {
      scratch.give(memory);
    }
  }

  /**
   * {@return whether there is an entry}
   *
   * @param key 0 to 2³² − 1 if keys have four bytes
   */
  public boolean contains(long key) {
    var memory = take(key);
    try {
      return find(memory);
    } finally {
      scratch.give(memory);
    }
  }

  /**
   * Our own memory needs no checks as a caller's does. What fails, the map says: it tries again.
   */
  private boolean find(Scratch memory) {
    fd.acquire();
    int result;
    try {
      result = BpfCalls.lookupAt(fd.number(), memory.keyAddress(), memory.valueAddress());
    } finally {
      fd.release();
    }
    return result == 0 || result != -Errno.ENOENT && map.lookup(memory.key(), memory.value());
  }

  /**
   * Creates or replaces an entry.
   *
   * @param key 0 to 2³² − 1 if keys have four bytes
   * @param value 0 to 2³² − 1 if values have four bytes
   * @throws MapFullException if there is no room for another entry
   */
  public void put(long key, long value) {
    update(key, value, UpdateMode.ANY);
  }

  /**
   * Creates an entry unless there is one.
   *
   * @param key 0 to 2³² − 1 if keys have four bytes
   * @param value 0 to 2³² − 1 if values have four bytes
   * @return whether it was created
   * @throws MapFullException if there is no room for another entry
   */
  public boolean putIfAbsent(long key, long value) {
    return update(key, value, UpdateMode.NO_EXIST);
  }

  /**
   * Replaces the value of an entry, if there is one.
   *
   * @param key 0 to 2³² − 1 if keys have four bytes
   * @param value 0 to 2³² − 1 if values have four bytes
   * @return whether there was one
   */
  public boolean replace(long key, long value) {
    return update(key, value, UpdateMode.EXIST);
  }

  private boolean update(long key, long value, UpdateMode mode) {
    requireFit(value, wideValues);
    var memory = take(key);
    try {
      write(memory.valueAddress(), value, wideValues);
      return write(memory, mode);
    } finally {
      scratch.give(memory);
    }
  }

  private boolean write(Scratch memory, UpdateMode mode) {
    fd.acquire();
    int result;
    try {
      result =
          BpfCalls.updateAt(
              fd.number(), memory.keyAddress(), memory.valueAddress(), mode.ordinal());
    } finally {
      fd.release();
    }
    return result == 0 || map.tryUpdate(memory.key(), memory.value(), mode);
  }

  /**
   * Removes an entry.
   *
   * @param key 0 to 2³² − 1 if keys have four bytes
   * @return whether there was one
   */
  public boolean remove(long key) {
    var memory = take(key);
    try {
      return delete(memory);
    } finally {
      scratch.give(memory);
    }
  }

  private boolean delete(Scratch memory) {
    fd.acquire();
    int result;
    try {
      result = BpfCalls.deleteAt(fd.number(), memory.keyAddress());
    } finally {
      fd.release();
    }
    return result == 0 || result != -Errno.ENOENT && map.delete(memory.key());
  }

  /**
   * Removes an entry and returns its value, in one step. Hashes only. Kernel 5.14.
   *
   * @param key 0 to 2³² − 1 if keys have four bytes
   * @param absent what to return if there is no entry
   * @return the value, or what stands for absent
   */
  public long getAndRemove(long key, long absent) {
    var memory = take(key);
    try {
      return map.lookupAndDelete(memory.key(), memory.value()) ? value(memory) : absent;
    } finally {
      scratch.give(memory);
    }
  }

  /**
   * Calls back with every entry, under the terms of {@link BpfMap#forEachKey}. Allocates nothing
   * for an entry where the map has batches.
   *
   * @param action called with each entry
   */
  public void forEach(LongBiConsumer action) {
    try (var arena = Arena.ofConfined()) {
      var cursor = map.lookupBatches(arena, BATCH);
      try {
        if (!cursor.next()) {
          return;
        }
      } catch (UnsupportedByTypeException e) {
        map.forEach(
            (key, value) -> action.accept(read(key, 0, wideKeys), read(value, 0, wideValues)));
        return;
      }
      do {
        for (int i = 0; i < cursor.count(); i++) {
          action.accept(read(cursor.keys(), i, wideKeys), read(cursor.values(), i, wideValues));
        }
      } while (cursor.next());
    }
  }

  private Scratch take(long key) {
    requireFit(key, wideKeys);
    var memory = scratch.take();
    write(memory.keyAddress(), key, wideKeys);
    return memory;
  }

  private void requireFit(long number, boolean wide) {
    if (!wide && number >>> Integer.SIZE != 0) {
      throw new IllegalArgumentException(number + " does not fit into the 4 bytes of " + map);
    }
  }

  /** Into eight bytes that are there in any case: one way, which stays small enough to inline. */
  private static void write(long address, long number, boolean wide) {
    RawMemory.setLong(address, wide ? number : number << DISTANCE);
  }

  private long value(Scratch memory) {
    long number = RawMemory.getLong(memory.valueAddress());
    return wideValues ? number : number >>> DISTANCE & 0xFFFF_FFFFL;
  }

  private static long read(MemorySegment memory, int index, boolean wide) {
    return wide
        ? memory.getAtIndex(JAVA_LONG, index)
        : Integer.toUnsignedLong(memory.getAtIndex(JAVA_INT, index));
  }
}
