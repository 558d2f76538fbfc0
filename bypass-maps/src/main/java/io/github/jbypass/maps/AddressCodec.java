// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/** {@code struct address}: 16 bytes in network order, an IPv4 address mapped as ::ffff:a.b.c.d. */
final class AddressCodec {
  static final int SIZE = 16;

  /** Bits that an IPv4 address has in front when it is mapped. */
  static final int MAPPED_BITS = 96;

  private static final ValueLayout.OfLong BIG_ENDIAN =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final long MAPPED_PREFIX = 0xffffL << 32;

  private AddressCodec() {}

  static void encode(InetAddress address, MemorySegment target, long offset) {
    var bytes = MemorySegment.ofArray(address.getAddress());
    if (bytes.byteSize() == SIZE) {
      MemorySegment.copy(bytes, 0, target, offset, SIZE);
      return;
    }
    int ipv4 = bytes.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 0);
    target.set(BIG_ENDIAN, offset, 0);
    target.set(BIG_ENDIAN, offset + 8, MAPPED_PREFIX | Integer.toUnsignedLong(ipv4));
  }

  static InetAddress decode(MemorySegment source, long offset) {
    try {
      // a mapped address comes back as the Inet4Address that it stands for
      return InetAddress.getByAddress(source.asSlice(offset, SIZE).toArray(JAVA_BYTE));
    } catch (UnknownHostException e) {
      throw new AssertionError(e); // 16 bytes are always an address
    }
  }
}
