// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.LayoutMismatchException;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Who is paired with whom: for each end of a paired connection, the {@link Peer} that it sends to.
 * Through a proxy with address translation, this is where the two ends' different views of one
 * connection meet. Entries live from pairing until their end closes; only the programs write them.
 *
 * <p>Thread-safe. Operations throw {@link IllegalStateException} once the object is closed. Kernel
 * 5.15.
 */
public final class ProxyMap {
  private final BpfMap map;

  /**
   * The proxy map of a loaded object.
   *
   * @throws LayoutMismatchException if its entries are not what this class reads
   */
  public ProxyMap(BpfObject object) {
    SocketKeyCodec.LAYOUT.check(object.btf());
    PeerCodec.LAYOUT.check(object.btf());
    map = object.map("proxies");
  }

  /** The other end of a connection, if it is paired. */
  public Optional<Peer> peer(SocketKey key) {
    var scratch = Scratch.get();
    SocketKeyCodec.encode(key, scratch.key);
    return map.lookup(scratch.key, scratch.value)
        ? Optional.of(PeerCodec.decode(scratch.value))
        : Optional.empty();
  }

  /**
   * Calls back for each end that is paired. Ends that come or go meanwhile may be missed; none is
   * reported twice.
   */
  public void forEach(BiConsumer<SocketKey, Peer> action) {
    Keys.forEach(
        map,
        key -> {
          var value = Scratch.get().value;
          if (map.lookup(key, value)) {
            action.accept(SocketKeyCodec.decode(key), PeerCodec.decode(value));
          }
        });
  }

  /** Number of paired ends, two a connection, counted one by one. */
  public int size() {
    int[] size = {0};
    Keys.forEach(map, key -> size[0]++);
    return size[0];
  }
}
