// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static io.github.jbypass.maps.StructLayout.at;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Map;

/** {@code struct socket_key}; ports in host order. */
final class SocketKeyCodec {
  static final int SIZE = 48;
  static final StructLayout LAYOUT =
      new StructLayout(
          "socket_key",
          SIZE,
          Map.of(
              "netns_cookie", at(0, 8),
              "local", at(8, 16),
              "remote", at(24, 16),
              "local_port", at(40, 2),
              "remote_port", at(42, 2),
              "zero", at(44, 4)));

  private SocketKeyCodec() {}

  static void encode(SocketKey key, MemorySegment target) {
    target.set(JAVA_LONG, 0, key.netnsCookie());
    AddressCodec.encode(key.local().getAddress(), target, 8);
    AddressCodec.encode(key.remote().getAddress(), target, 24);
    target.set(JAVA_SHORT, 40, (short) key.local().getPort());
    target.set(JAVA_SHORT, 42, (short) key.remote().getPort());
    target.set(JAVA_INT, 44, 0);
  }

  static SocketKey decode(MemorySegment source) {
    return new SocketKey(
        source.get(JAVA_LONG, 0),
        new InetSocketAddress(AddressCodec.decode(source, 8), port(source, 40)),
        new InetSocketAddress(AddressCodec.decode(source, 24), port(source, 42)));
  }

  private static int port(MemorySegment source, int offset) {
    return Short.toUnsignedInt(source.get(JAVA_SHORT, offset));
  }
}
