// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.MapFullException;
import io.github.jbypass.core.UpdateMode;
import java.util.function.ObjLongConsumer;

/**
 * The SOCKHASH: the enrolled sockets by their {@link SocketKey}. The programs fill it, and the
 * kernel removes a socket when it closes.
 *
 * <p>Thread-safe. Operations throw {@link IllegalStateException} once the object is closed. Kernel
 * 5.15.
 */
public final class SockHash {
  /** What {@link #cookie} answers for a key that is not there; no socket has this cookie. */
  public static final long NOT_FOUND = 0;

  private final BpfMap map;

  /**
   * The SOCKHASH of a loaded object.
   *
   * @param object the loaded programs
   * @throws LayoutMismatchException if its keys are not what this class writes
   */
  public SockHash(BpfObject object) {
    SocketKeyCodec.LAYOUT.check(object.btf());
    map = object.map("sockets");
  }

  /**
   * Puts a socket in, or in another's place. Its messages then pass the programs that are attached
   * to the map. Sockets that the programs did not pair stay on TCP.
   *
   * @param key where
   * @param fd descriptor of a TCP socket of this process that is established or listens
   * @throws MapFullException if there is no room
   * @throws BpfException if the kernel refuses the socket: not TCP or not connected (EOPNOTSUPP),
   *     with kTLS (EINVAL), or in another map with another program (EBUSY)
   */
  public void put(SocketKey key, int fd) {
    var scratch = Scratch.get();
    SocketKeyCodec.encode(key, scratch.key);
    scratch.value.set(JAVA_LONG, 0, fd);
    map.update(scratch.key, scratch.value, UpdateMode.ANY);
  }

  /**
   * The kernel's name for a socket.
   *
   * @param key the socket, seen from its own end
   * @return its cookie, or {@link #NOT_FOUND}
   */
  public long cookie(SocketKey key) {
    var scratch = Scratch.get();
    SocketKeyCodec.encode(key, scratch.key);
    return map.lookup(scratch.key, scratch.value) ? scratch.value.get(JAVA_LONG, 0) : NOT_FOUND;
  }

  /**
   * Takes a socket out. <strong>Redirected bytes that it has not read yet are lost</strong>: the
   * kernel frees its queue with its last entry. To stop redirecting without loss, switch the
   * programs off instead.
   *
   * @param key the socket, seen from its own end
   * @return whether it was there
   */
  public boolean remove(SocketKey key) {
    var scratch = Scratch.get();
    SocketKeyCodec.encode(key, scratch.key);
    return map.delete(scratch.key);
  }

  /**
   * Calls back with key and cookie of each socket. Sockets that come or go meanwhile may be missed;
   * none is reported twice.
   *
   * @param action called with each key and its socket's cookie
   */
  public void forEach(ObjLongConsumer<SocketKey> action) {
    Keys.forEach(
        map,
        key -> {
          var value = Scratch.get().value;
          if (map.lookup(key, value)) {
            action.accept(SocketKeyCodec.decode(key), value.get(JAVA_LONG, 0));
          }
        });
  }

  /**
   * Number of sockets, counted one by one.
   *
   * @return how many
   */
  public int size() {
    int[] size = {0};
    Keys.forEach(map, key -> size[0]++);
    return size[0];
  }
}
