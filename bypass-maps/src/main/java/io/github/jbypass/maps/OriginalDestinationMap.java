// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static io.github.jbypass.maps.StructLayout.at;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.LayoutMismatchException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Where the connections that sidecars have accepted were meant to go, by the {@link SocketKey} of
 * the accepted socket. From when it is established until it closes; nothing is evicted before. If
 * there is no room for a connection, it is missing here, but SO_ORIGINAL_DST tells it all the same.
 *
 * <p>Thread-safe. Operations throw {@link IllegalStateException} once the object is closed. Kernel
 * 5.15.
 */
public final class OriginalDestinationMap {
  private static final StructLayout LAYOUT =
      new StructLayout(
          "original_destination", 32, Map.of("endpoint", at(0, 24), "cookie", at(24, 8)));
  private static final StructLayout ENDPOINT =
      new StructLayout("endpoint", 24, Map.of("address", at(0, 16), "port", at(16, 2)));

  private final BpfMap map;

  /**
   * The original destinations of a loaded object.
   *
   * @param object the loaded programs
   * @throws LayoutMismatchException if its entries are not what this class reads
   */
  public OriginalDestinationMap(BpfObject object) {
    SocketKeyCodec.LAYOUT.check(object.btf());
    LAYOUT.check(object.btf());
    ENDPOINT.check(object.btf());
    map = object.map("original_destinations");
  }

  /**
   * {@return the original destination of a connection}
   *
   * @param accepted the sidecar's end: its local address is the sidecar's
   */
  public Optional<InetSocketAddress> get(SocketKey accepted) {
    var scratch = Scratch.get();
    SocketKeyCodec.encode(accepted, scratch.key);
    return map.lookup(scratch.key, scratch.value)
        ? Optional.of(decode(scratch.value))
        : Optional.empty();
  }

  /**
   * Calls back for each connection. Those that come or go meanwhile may be missed; none is reported
   * twice.
   *
   * @param action called with each connection and where it was to go
   */
  public void forEach(BiConsumer<SocketKey, InetSocketAddress> action) {
    map.forEach((key, value) -> action.accept(SocketKeyCodec.decode(key), decode(value)));
  }

  /**
   * Number of connections, counted one by one.
   *
   * @return how many
   */
  public int size() {
    int[] size = {0};
    map.forEachKey(_ -> size[0]++);
    return size[0];
  }

  private static InetSocketAddress decode(MemorySegment source) {
    return new InetSocketAddress(
        AddressCodec.decode(source, 0), Short.toUnsignedInt(source.get(JAVA_SHORT, 16)));
  }
}
