// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import io.github.jbypass.core.BatchFailedException;
import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.MapFullException;
import io.github.jbypass.core.UnsupportedByTypeException;
import io.github.jbypass.core.UpdateMode;
import io.github.jbypass.core.internal.ScratchPool;
import io.github.jbypass.core.internal.ScratchPool.Scratch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A map with Java keys and values. A face of a {@link BpfMap}, whose life time it shares: closing
 * the map ends both.
 *
 * <p>For hashes, LRU hashes, arrays, LPM tries, and SOCKMAP and SOCKHASH with {@link Codec#LONG} as
 * value: what is put there is the descriptor of a socket, what is found is its cookie. Per-CPU maps
 * have {@link PerCpuMap}, maps of maps {@link MapOfMaps}, socket storage {@link SocketStorage};
 * {@link LongMap} does not box.
 *
 * <p>Thread-safe, each operation on one entry as atomic as the kernel's. Throws {@link
 * IllegalStateException} once the map is closed, {@link UnsupportedByTypeException} for what its
 * type can't do. Kernel as for the operations of {@link BpfMap}; where that has no batches, batches
 * are done one by one.
 *
 * @param <K> the keys
 * @param <V> the values
 */
public final class TypedMap<K, V> {
  private static final int BATCH = 1024; // entries that are drained at once

  private final BpfMap map;
  private final Codec<K> keys;
  private final Codec<V> values;
  private final ScratchPool scratch;

  private TypedMap(BpfMap map, Codec<K> keys, Codec<V> values) {
    this.map = map;
    this.keys = keys;
    this.values = values;
    this.scratch = new ScratchPool(map.keySize(), map.valueSize());
  }

  /**
   * {@return a typed face of a map}
   *
   * @param <K> the keys
   * @param <V> the values
   * @param map a map with one value for a key
   * @param keys translates the keys
   * @param values translates the values
   * @throws LayoutMismatchException if its keys or values have other sizes than the codecs'
   * @throws IllegalArgumentException if it is a per-CPU map
   */
  public static <K, V> TypedMap<K, V> of(BpfMap map, Codec<K> keys, Codec<V> values) {
    Sizes.check(map, keys, values);
    if (map.transferSize() != map.valueSize()) {
      throw new IllegalArgumentException(map + " has a value for each CPU: use a PerCpuMap");
    }
    return new TypedMap<>(map, keys, values);
  }

  /** {@return the map, for everything else} */
  public BpfMap map() {
    return map;
  }

  /**
   * {@return the value of a key, or null}
   *
   * @param key the key
   */
  public @Nullable V get(K key) {
    var memory = scratch.take();
    try {
      return map.lookup(key(key, memory), memory.value()) ? values.read(memory.value(), 0) : null;
    } finally {
      scratch.give(memory);
    }
  }

  /**
   * Creates or replaces an entry.
   *
   * @param key the key
   * @param value the value
   * @throws MapFullException if there is no room for another entry
   */
  public void put(K key, V value) {
    update(key, value, UpdateMode.ANY);
  }

  /**
   * Creates an entry unless there is one.
   *
   * @param key the key
   * @param value the value
   * @return whether it was created
   * @throws MapFullException if there is no room for another entry
   */
  public boolean putIfAbsent(K key, V value) {
    return update(key, value, UpdateMode.NO_EXIST);
  }

  /**
   * Replaces the value of an entry, if there is one.
   *
   * @param key the key
   * @param value the value
   * @return whether there was one
   */
  public boolean replace(K key, V value) {
    return update(key, value, UpdateMode.EXIST);
  }

  private boolean update(K key, V value, UpdateMode mode) {
    var memory = scratch.take();
    try {
      values.write(value, memory.value(), 0);
      return map.tryUpdate(key(key, memory), memory.value(), mode);
    } finally {
      scratch.give(memory);
    }
  }

  /**
   * Removes an entry.
   *
   * @param key the key
   * @return whether there was one
   */
  public boolean remove(K key) {
    var memory = scratch.take();
    try {
      return map.delete(key(key, memory));
    } finally {
      scratch.give(memory);
    }
  }

  /**
   * Removes an entry and returns its value, in one step: whoever changes it at the same time, no
   * value is lost. Hashes only. Kernel 5.14.
   *
   * @param key the key
   * @return the value, or null
   */
  public @Nullable V getAndRemove(K key) {
    var memory = scratch.take();
    try {
      return map.lookupAndDelete(key(key, memory), memory.value())
          ? values.read(memory.value(), 0)
          : null;
    } finally {
      scratch.give(memory);
    }
  }

  /**
   * Creates or replaces many entries, in the order of iteration, in one system call where the map
   * can.
   *
   * @param entries the entries
   * @throws BatchFailedException if an entry is refused; it says how many were stored before
   */
  public void putAll(Map<? extends K, ? extends V> entries) {
    try (var arena = Arena.ofConfined()) {
      int count = entries.size();
      var allKeys = arena.allocate((long) count * keys.size(), Long.BYTES);
      var allValues = arena.allocate((long) count * values.size(), Long.BYTES);
      int i = 0;
      for (var entry : entries.entrySet()) {
        keys.write(entry.getKey(), allKeys, (long) i * keys.size());
        values.write(entry.getValue(), allValues, (long) i * values.size());
        i++;
      }
      try {
        map.updateBatch(allKeys, allValues, count);
      } catch (UnsupportedByTypeException e) {
        putOneByOne(allKeys, allValues, count);
      }
    }
  }

  private void putOneByOne(MemorySegment allKeys, MemorySegment allValues, int count) {
    for (int i = 0; i < count; i++) {
      var key = allKeys.asSlice((long) i * keys.size());
      var value = allValues.asSlice((long) i * values.size());
      try {
        map.update(key, value, UpdateMode.ANY);
      } catch (BpfException e) {
        throw new BatchFailedException(e, i, count);
      }
    }
  }

  /**
   * Removes many entries, in one system call where the map can and all are there.
   *
   * @param removed their keys
   * @return how many of them there were
   */
  public int removeAll(Collection<? extends K> removed) {
    try (var arena = Arena.ofConfined()) {
      int count = removed.size();
      var allKeys = arena.allocate((long) count * keys.size(), Long.BYTES);
      int i = 0;
      for (var key : removed) {
        keys.write(key, allKeys, (long) i++ * keys.size());
      }
      try {
        return map.deleteBatch(allKeys, count);
      } catch (UnsupportedByTypeException e) {
        return removeOneByOne(allKeys, count);
      }
    }
  }

  private int removeOneByOne(MemorySegment allKeys, int count) {
    int removed = 0;
    for (int i = 0; i < count; i++) {
      removed += map.delete(allKeys.asSlice((long) i * keys.size())) ? 1 : 0;
    }
    return removed;
  }

  /**
   * Calls back with every key, under the terms of {@link BpfMap#forEachKey}.
   *
   * @param action called with each key
   */
  public void forEachKey(Consumer<? super K> action) {
    map.forEachKey(key -> action.accept(keys.read(key, 0)));
  }

  /**
   * Calls back with every key and value, under the terms of {@link BpfMap#forEachKey}.
   *
   * @param action called with each entry
   */
  public void forEach(BiConsumer<? super K, ? super V> action) {
    map.forEach((key, value) -> action.accept(keys.read(key, 0), values.read(value, 0)));
  }

  /**
   * Removes all entries and calls back with each: no value is lost, even if others change it at the
   * same time; what they add meanwhile may stay. Hashes only.
   *
   * <p>If the action throws, the entries of the batch that it has not seen are lost.
   *
   * @param action called with each entry, after it was removed
   */
  public void drain(BiConsumer<? super K, ? super V> action) {
    try (var arena = Arena.ofConfined()) {
      var cursor = map.lookupAndDeleteBatches(arena, BATCH);
      while (cursor.next()) {
        for (int i = 0; i < cursor.count(); i++) {
          action.accept(
              keys.read(cursor.keys(), (long) i * keys.size()),
              values.read(cursor.values(), (long) i * values.size()));
        }
      }
    }
  }

  private MemorySegment key(K key, Scratch memory) {
    keys.write(key, memory.key(), 0);
    return memory.key();
  }
}
