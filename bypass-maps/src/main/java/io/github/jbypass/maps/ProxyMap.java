// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.LayoutMismatchException;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Who is paired with whom: for each end of a paired connection, the {@link Peer} that it sends to.
 * Through a proxy with address translation, this is where the two ends' different views of one
 * connection meet. Entries last until their end closes; only the programs write them.
 *
 * <p>Thread-safe. Operations throw {@link IllegalStateException} once the object is closed. Kernel
 * 5.15.
 */
public final class ProxyMap {
  private final BpfMap map;
  private final SockHash sockets;

  /**
   * The proxy map of a loaded object.
   *
   * @param object the loaded programs
   * @throws LayoutMismatchException if its entries are not what this class reads
   */
  public ProxyMap(BpfObject object) {
    PeerCodec.LAYOUT.check(object.btf());
    ProxyCodec.LAYOUT.check(object.btf());
    map = object.map("proxies");
    sockets = new SockHash(object);
  }

  /**
   * {@return the other end of a connection, if it is paired}
   *
   * @param key the socket, seen from its own end
   */
  public Optional<Peer> peer(SocketKey key) {
    long cookie = sockets.cookie(key);
    var scratch = Scratch.get();
    scratch.key.set(JAVA_LONG, 0, cookie);
    return map.lookup(scratch.key, scratch.value) && ProxyCodec.isPaired(scratch.value)
        ? Optional.of(ProxyCodec.peer(scratch.value))
        : Optional.empty();
  }

  /**
   * Calls back for each end that is paired. Ends that come or go meanwhile may be missed; none is
   * reported twice.
   *
   * @param action called with each end and its peer
   */
  public void forEach(BiConsumer<SocketKey, Peer> action) {
    map.forEach(
        (_, value) -> {
          if (ProxyCodec.isPaired(value)) {
            action.accept(ProxyCodec.self(value), ProxyCodec.peer(value));
          }
        });
  }

  /**
   * Number of paired ends, two a connection, counted one by one.
   *
   * @return how many
   */
  public int size() {
    int[] size = {0};
    forEach((_, _) -> size[0]++);
    return size[0];
  }
}
