// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * One end of a connection as that end sees it: with address translation in between, the other end
 * sees other addresses. C: {@code struct socket_key}. Immutable.
 *
 * @param netnsCookie of the network namespace that the socket lives in (kernel 5.15)
 * @param local its own address; IPv4 also where the socket itself is a dual-stack IPv6 one
 * @param remote the address that it is connected to
 */
public record SocketKey(long netnsCookie, InetSocketAddress local, InetSocketAddress remote) {
  /**
   * Checks the addresses.
   *
   * @throws IllegalArgumentException if one of them is a name that was not resolved
   */
  public SocketKey {
    requireResolved("local", local);
    requireResolved("remote", remote);
  }

  private static void requireResolved(String what, InetSocketAddress address) {
    Objects.requireNonNull(address, what);
    if (address.isUnresolved()) {
      throw new IllegalArgumentException("unresolved " + what + " address " + address);
    }
  }

  @Override
  public String toString() {
    return text(local) + " -> " + text(remote) + " @" + Long.toUnsignedString(netnsCookie);
  }

  private static String text(InetSocketAddress address) {
    var host = address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }
}
