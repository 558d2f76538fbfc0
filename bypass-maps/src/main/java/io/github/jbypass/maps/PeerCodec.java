// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static io.github.jbypass.maps.StructLayout.at;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/** {@code struct peer}. */
final class PeerCodec {
  static final int SIZE = 72;
  static final int COOKIE = SocketKeyCodec.SIZE;

  static final StructLayout LAYOUT =
      new StructLayout(
          "peer", SIZE, Map.of("key", at(0, SocketKeyCodec.SIZE), "cookie", at(COOKIE, 8)));

  private PeerCodec() {}

  static Peer decode(MemorySegment source) {
    return new Peer(SocketKeyCodec.decode(source), source.get(JAVA_LONG, COOKIE));
  }
}
