// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.github.jbypass.programs.testing.PosixSocket.Domain;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout.OfShort;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/** {@code sockaddr_in} and {@code sockaddr_in6}. */
final class SockAddr {
  static final int MAX_SIZE = 28;

  private static final OfShort PORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

  private SockAddr() {}

  /**
   * The address as a socket of that domain wants it: an IPv4 address becomes v4-mapped for IPv6.
   */
  static MemorySegment encode(
      InetSocketAddress address, Domain domain, SegmentAllocator allocator) {
    byte[] ip = address.getAddress().getAddress();
    MemorySegment result = allocator.allocate(domain == Domain.INET ? 16 : MAX_SIZE, 4);
    result.set(JAVA_SHORT, 0, (short) domain.number());
    result.set(PORT, 2, (short) address.getPort());
    if (domain == Domain.INET) {
      MemorySegment.copy(ip, 0, result, JAVA_BYTE, 4, 4);
    } else if (address.getAddress() instanceof Inet4Address) {
      MemorySegment.copy(MAPPED, 0, result, JAVA_BYTE, 8, 12);
      MemorySegment.copy(ip, 0, result, JAVA_BYTE, 20, 4);
    } else {
      MemorySegment.copy(ip, 0, result, JAVA_BYTE, 8, 16);
    }
    return result;
  }

  /** The address in a sockaddr; a v4-mapped one comes back as IPv4. */
  static InetSocketAddress decode(MemorySegment address) {
    boolean inet = address.get(JAVA_SHORT, 0) == Domain.INET.number();
    byte[] ip = address.asSlice(inet ? 4 : 8, inet ? 4 : 16).toArray(JAVA_BYTE);
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(ip), Short.toUnsignedInt(address.get(PORT, 2)));
    } catch (UnknownHostException e) {
      throw new AssertionError("an address of " + ip.length + " bytes", e);
    }
  }

  /** The address that dissolves a connection: of no family. */
  static MemorySegment unspecified(SegmentAllocator allocator) {
    return allocator.allocate(16, 4);
  }

  /** Room for the answer of a call that fills in an address of unknown family. */
  static MemorySegment allocate(Arena arena) {
    return arena.allocate(MAX_SIZE, 4);
  }
}
