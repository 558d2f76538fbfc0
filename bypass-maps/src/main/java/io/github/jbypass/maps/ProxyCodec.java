// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static io.github.jbypass.maps.StructLayout.at;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/** {@code struct proxy}: an end of a connection and, once paired, its peer. */
final class ProxyCodec {
  static final int SIZE = 152;

  private static final int SELF = PeerCodec.SIZE;

  static final StructLayout LAYOUT =
      new StructLayout(
          "proxy",
          SIZE,
          Map.of("peer", at(0, PeerCodec.SIZE), "self", at(SELF, SocketKeyCodec.SIZE)));

  private ProxyCodec() {}

  static boolean isPaired(MemorySegment source) {
    return source.get(JAVA_LONG, PeerCodec.COOKIE) != 0;
  }

  static SocketKey self(MemorySegment source) {
    return SocketKeyCodec.decode(source.asSlice(SELF));
  }

  static Peer peer(MemorySegment source) {
    return PeerCodec.decode(source);
  }
}
