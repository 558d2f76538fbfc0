// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.PerCpu;
import io.github.jbypass.core.UpdateMode;
import io.github.jbypass.core.internal.ScratchPool;
import io.github.jbypass.core.internal.ScratchPool.Scratch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A per-CPU map with Java keys and values: each key has a value for every possible CPU, in the
 * order of the CPUs' numbers. A face of a {@link BpfMap}, whose life time it shares.
 *
 * <p>Thread-safe. The kernel copies the values CPU after CPU while programs change them. Throws
 * {@link IllegalStateException} once the map is closed.
 *
 * @param <K> the keys
 * @param <V> the value of one CPU
 */
public final class PerCpuMap<K, V> {
  private final BpfMap map;
  private final Codec<K> keys;
  private final Codec<V> values;
  private final ScratchPool scratch;

  private PerCpuMap(BpfMap map, Codec<K> keys, Codec<V> values) {
    this.map = map;
    this.keys = keys;
    this.values = values;
    this.scratch = new ScratchPool(map.keySize(), map.transferSize());
  }

  /**
   * {@return a typed face of a map}
   *
   * @param <K> the keys
   * @param <V> the value of one CPU
   * @param map a per-CPU map
   * @param keys translates the keys
   * @param values translates the value of one CPU
   * @throws LayoutMismatchException if its keys or values have other sizes than the codecs'
   * @throws IllegalArgumentException if it is no per-CPU map
   */
  public static <K, V> PerCpuMap<K, V> of(BpfMap map, Codec<K> keys, Codec<V> values) {
    Sizes.check(map, keys, values);
    if (!map.isPerCpu()) {
      throw new IllegalArgumentException(map + " has one value for all CPUs: use a TypedMap");
    }
    return new PerCpuMap<>(map, keys, values);
  }

  /** {@return the map, for everything else} */
  public BpfMap map() {
    return map;
  }

  /**
   * {@return the values of all CPUs, or null if there is no entry}
   *
   * @param key the key
   */
  public @Nullable List<V> get(K key) {
    var memory = scratch.take();
    try {
      var all = memory.value();
      return map.lookup(key(key, memory), all) ? decode(all) : null;
    } finally {
      scratch.give(memory);
    }
  }

  /**
   * The values of all CPUs, combined to one.
   *
   * @param key the key
   * @param operator combines the values of two CPUs
   * @return the combined value, or null if there is no entry
   */
  public @Nullable V merge(K key, BinaryOperator<V> operator) {
    var all = get(key);
    return all == null ? null : all.stream().reduce(operator).orElseThrow();
  }

  /**
   * Creates or replaces an entry.
   *
   * @param key the key
   * @param all a value for every possible CPU
   * @throws IllegalArgumentException if there are more or fewer
   */
  public void put(K key, List<V> all) {
    var memory = scratch.take();
    try {
      var view = new PerCpu(memory.value(), map.valueSize());
      if (all.size() != view.cpus()) {
        throw new IllegalArgumentException(
            all.size() + " values for " + view.cpus() + " possible CPUs");
      }
      view.values().fill((byte) 0);
      for (int cpu = 0; cpu < all.size(); cpu++) {
        values.write(all.get(cpu), view.slice(cpu), 0);
      }
      map.update(key(key, memory), view.values(), UpdateMode.ANY);
    } finally {
      scratch.give(memory);
    }
  }

  /**
   * Removes an entry. Hashes only.
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
   * Removes an entry and returns its values. Hashes only. Kernel 5.14.
   *
   * @param key the key
   * @return the values of all CPUs, or null
   */
  public @Nullable List<V> getAndRemove(K key) {
    var memory = scratch.take();
    try {
      var all = memory.value();
      return map.lookupAndDelete(key(key, memory), all) ? decode(all) : null;
    } finally {
      scratch.give(memory);
    }
  }

  /**
   * Calls back with every key and its values, under the terms of {@link BpfMap#forEachKey}.
   *
   * @param action called with each key and the values of all CPUs
   */
  public void forEach(BiConsumer<? super K, ? super List<V>> action) {
    map.forEach((key, all) -> action.accept(keys.read(key, 0), decode(all)));
  }

  private List<V> decode(MemorySegment all) {
    var view = new PerCpu(all, map.valueSize());
    var decoded = new ArrayList<V>(view.cpus());
    for (int cpu = 0; cpu < view.cpus(); cpu++) {
      decoded.add(values.read(view.slice(cpu), 0));
    }
    return List.copyOf(decoded);
  }

  private MemorySegment key(K key, Scratch memory) {
    keys.write(key, memory.key(), 0);
    return memory.key();
  }
}
