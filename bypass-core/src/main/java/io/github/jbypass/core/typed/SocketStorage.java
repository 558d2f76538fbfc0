// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.MapType;
import org.jspecify.annotations.Nullable;

/**
 * A value for each socket, kept by the kernel with the socket itself and freed with it: an
 * SK_STORAGE map. User space names a socket by any of its descriptors in this process. The kernel
 * has no list of the sockets that have a value. A face of a {@link BpfMap}, whose life time it
 * shares.
 *
 * <p>Thread-safe. Throws {@link IllegalStateException} once the map is closed. A descriptor that is
 * closed is a {@link BpfException} (EBADF), one of something else too (ENOTSOCK). Kernel 5.2.
 *
 * @param <V> the values
 */
public final class SocketStorage<V> {
  private final TypedMap<Integer, V> map;

  private SocketStorage(TypedMap<Integer, V> map) {
    this.map = map;
  }

  /**
   * {@return a typed face of a map}
   *
   * @param <V> the values
   * @param map an SK_STORAGE
   * @param values translates the values
   * @throws LayoutMismatchException if its values have another size than the codec's
   * @throws IllegalArgumentException if it is no SK_STORAGE
   */
  public static <V> SocketStorage<V> of(BpfMap map, Codec<V> values) {
    if (map.type() != MapType.SK_STORAGE) {
      throw new IllegalArgumentException(map + " is a " + map.type() + ", not an SK_STORAGE");
    }
    return new SocketStorage<>(TypedMap.of(map, Codec.INT, values));
  }

  /** {@return the map, for everything else} */
  public BpfMap map() {
    return map.map();
  }

  /**
   * {@return the value of a socket, or null if it has none}
   *
   * @param socket a descriptor of the socket in this process
   */
  public @Nullable V get(int socket) {
    return map.get(socket);
  }

  /**
   * Gives a socket a value, or another one.
   *
   * @param socket a descriptor of the socket in this process
   * @param value the value
   */
  public void put(int socket, V value) {
    map.put(socket, value);
  }

  /**
   * Gives a socket a value unless it has one.
   *
   * @param socket a descriptor of the socket in this process
   * @param value the value
   * @return whether it had none
   */
  public boolean putIfAbsent(int socket, V value) {
    return map.putIfAbsent(socket, value);
  }

  /**
   * Takes a socket's value away.
   *
   * @param socket a descriptor of the socket in this process
   * @return whether it had one
   */
  public boolean remove(int socket) {
    return map.remove(socket);
  }
}
