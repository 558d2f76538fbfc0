// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos.ends;

import java.nio.ByteBuffer;

/**
 * What flows in one direction of one connection: every byte follows from the connection's number,
 * the direction and the byte's position, so that a receiver knows each byte that is lost, doubled,
 * early, or a stranger's.
 */
record Content(long seed) {
  static Content of(long connection, Direction direction) {
    return new Content(mix(connection * 2 + direction.ordinal()));
  }

  /** The directions of a connection. */
  enum Direction {
    TO_SERVER,
    TO_CLIENT
  }

  /** Turns bytes that belong from that position on into noise, or noise into these bytes. */
  void mask(ByteBuffer bytes, int from, int to, long position) {
    long index = -1;
    long word = 0;
    for (int i = from; i < to; i++, position++) {
      if (position >>> 3 != index) {
        index = position >>> 3;
        word = mix(seed + index * 0x9E3779B97F4A7C15L);
      }
      bytes.put(i, (byte) (bytes.get(i) ^ word >>> (position << 3)));
    }
  }

  private static long mix(long z) {
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
