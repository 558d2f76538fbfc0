// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A network: an address and the number of its leading bits that count. Immutable.
 *
 * @param address its first address
 * @param prefixLength leading bits, at most 32 for IPv4 and 128 for IPv6
 */
public record Cidr(InetAddress address, int prefixLength) {
  /**
   * Checks that the prefix fits the address.
   *
   * @throws IllegalArgumentException if it is too long, or if the address has bits beyond it
   */
  public Cidr {
    int bits = bits(address);
    if (prefixLength < 0 || prefixLength > bits) {
      throw new IllegalArgumentException(
          text(address, prefixLength) + ": the prefix length must be between 0 and " + bits);
    }
    var first = masked(address, prefixLength);
    if (!first.equals(address)) {
      throw new IllegalArgumentException(
          text(address, prefixLength)
              + ": the address has bits beyond the prefix; did you mean "
              + text(first, prefixLength)
              + "?");
    }
  }

  /**
   * Reads {@code 10.0.0.0/8}, {@code fd00::/8} or, for one address, {@code 10.1.2.3}. Never asks
   * DNS.
   *
   * @param text an address, or one with the length of a prefix
   * @return the network
   * @throws IllegalArgumentException if the text is none of these
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address;
    try {
      address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
    } catch (IllegalArgumentException e) {
      throw notNetwork(text, e);
    }
    if (slash < 0) {
      return new Cidr(address, bits(address));
    }
    int length;
    try {
      length = Integer.parseInt(text.substring(slash + 1));
    } catch (NumberFormatException e) {
      throw notNetwork(text, e);
    }
    if (address instanceof Inet4Address && text.indexOf(':') >= 0) {
      length -= AddressCodec.MAPPED_BITS; // ::ffff:10.0.0.0/104 is 10.0.0.0/8
    }
    return new Cidr(address, length);
  }

  private static IllegalArgumentException notNetwork(String text, Exception cause) {
    return new IllegalArgumentException(
        "'" + text + "' is not a network such as 10.0.0.0/8, fd00::/8 or 10.1.2.3", cause);
  }

  private static int bits(InetAddress address) {
    return address instanceof Inet4Address ? 32 : 128;
  }

  private static InetAddress masked(InetAddress address, int prefixLength) {
    var bytes = address.getAddress();
    for (int bit = prefixLength; bit < bytes.length * 8; bit++) {
      bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError(e); // as many bytes as an address had
    }
  }

  private static String text(InetAddress address, int prefixLength) {
    return address.getHostAddress() + "/" + prefixLength;
  }

  @Override
  public String toString() {
    return text(address, prefixLength);
  }
}
