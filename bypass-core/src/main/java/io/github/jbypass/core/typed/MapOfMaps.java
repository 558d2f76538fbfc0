// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.UpdateMode;
import io.github.jbypass.core.internal.Errno;
import java.lang.foreign.Arena;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A map whose values are maps: a HASH_OF_MAPS or ARRAY_OF_MAPS. A map that is put in lives at least
 * as long as it is there, whether its handle is closed or not. A face of a {@link BpfMap}, whose
 * life time it shares.
 *
 * <p>Thread-safe. Throws {@link IllegalStateException} once the map is closed. Kernel 4.12; numbers
 * of inner maps 4.13.
 *
 * @param <K> the keys; {@link Codec#INT} for arrays
 */
public final class MapOfMaps<K> {
  private static final int ATTEMPTS = 16; // to open a map that others replace meanwhile

  private final Codec<K> keys;
  private final TypedMap<K, Integer> map;

  private MapOfMaps(BpfMap map, Codec<K> keys) {
    this.keys = keys;
    this.map = TypedMap.of(map, keys, Codec.INT);
  }

  /**
   * {@return a typed face of a map}
   *
   * @param <K> the keys
   * @param map a map of maps
   * @param keys translates the keys
   * @throws LayoutMismatchException if its keys have another size than the codec's
   * @throws IllegalArgumentException if it is no map of maps
   */
  public static <K> MapOfMaps<K> of(BpfMap map, Codec<K> keys) {
    switch (map.type()) {
      case HASH_OF_MAPS, ARRAY_OF_MAPS -> {
        return new MapOfMaps<>(map, keys);
      }
      default ->
          throw new IllegalArgumentException(map + " is a " + map.type() + ", not a map of maps");
    }
  }

  /** {@return the map, for everything else} */
  public BpfMap map() {
    return map.map();
  }

  /**
   * Puts a map in, or in another's place. Programs that look up the key use it from then on.
   *
   * @param key the key
   * @param inner like the inner maps that the map was created with; may be closed afterwards
   * @throws BpfException if it is not like them (EINVAL)
   */
  public void put(K key, BpfMap inner) {
    try (var arena = Arena.ofConfined()) {
      var memory = arena.allocate(keys.size(), Long.BYTES);
      keys.write(key, memory, 0);
      map.map().update(memory, inner, UpdateMode.ANY);
    }
  }

  /**
   * {@return the number of an inner map, if there is one; {@link BpfMap#openById} opens it}
   *
   * @param key the key
   */
  public OptionalInt id(K key) {
    var id = map.get(key);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /**
   * Opens an inner map. Needs CAP_SYS_ADMIN.
   *
   * @param key the key
   * @return a handle to close, or null if there is none
   */
  public @Nullable BpfMap open(K key) {
    BpfException gone = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      var id = map.get(key);
      if (id == null) {
        return null;
      }
      try {
        return BpfMap.openById(id);
      } catch (BpfException e) {
        if (e.errno() != Errno.ENOENT) {
          throw e;
        }
        gone = e; // replaced, and nobody else had it open
      }
    }
    throw gone;
  }

  /**
   * Takes a map out.
   *
   * @param key the key
   * @return whether there was one
   */
  public boolean remove(K key) {
    return map.remove(key);
  }

  /**
   * Calls back with every key and the number of its map, as {@link BpfMap#forEachKey} has it.
   *
   * @param action called with each key and number
   */
  public void forEach(BiConsumer<? super K, Integer> action) {
    map.forEach(action);
  }
}
