// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos.ends;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a client says first: which connection this is, and which sidecar may be in between. */
record Hello(long number, Route route, int generation) {
  private static final long MAGIC = 0x6a62797061737331L;
  private static final int SIZE = 2 * Long.BYTES + 2 * Integer.BYTES;

  static ByteBuffer buffer() {
    return ByteBuffer.allocate(SIZE);
  }

  static ByteBuffer of(long number, Route route, int generation) {
    return buffer()
        .putLong(MAGIC)
        .putLong(number)
        .putInt(route.ordinal())
        .putInt(generation)
        .flip();
  }

  /** Null if these bytes say something else. */
  static @Nullable Hello read(ByteBuffer bytes) {
    long magic = bytes.getLong();
    long number = bytes.getLong();
    int route = bytes.getInt();
    int generation = bytes.getInt();
    return magic == MAGIC && route >= 0 && route < Route.values().length
        ? new Hello(number, Route.values()[route], generation)
        : null;
  }
}
