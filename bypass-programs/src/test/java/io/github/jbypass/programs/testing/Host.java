// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import io.github.jbypass.core.NetworkNamespace;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A namespace with addresses that others can reach.
 *
 * @param device that has the addresses
 */
public record Host(Namespace namespace, String device, InetAddress ipv4, InetAddress ipv6) {
  private static final int BACKLOG = 1024;

  /** The address that a client of that family calls. */
  public InetAddress address(Family family) {
    return family == Family.IPV6 ? ipv6 : ipv4;
  }

  /** A port of that address. */
  public InetSocketAddress at(Family family, int port) {
    return new InetSocketAddress(address(family), port);
  }

  /** A TCP socket that can connect. */
  public PosixSocket client(Family family) {
    return namespace.call(family::clientSocket);
  }

  /** A UDP socket. */
  public PosixSocket udp(Family family) {
    return namespace.call(family::udpSocket);
  }

  /** Listens on one of its addresses. */
  public PosixSocket listen(Family family, int port) {
    return listen(family, address(family), port);
  }

  /** Listens on the loopback address of a family. */
  public PosixSocket listenOnLoopback(Family family, int port) {
    return listen(family, family.loopback(), port);
  }

  /** Listens on an address. */
  public PosixSocket listen(Family family, InetAddress address, int port) {
    PosixSocket listener = namespace.call(family::serverSocket);
    try {
      return listener.set(SocketOption.SO_REUSEADDR, 1).bind(address, port).listen(BACKLOG);
    } catch (RuntimeException e) {
      listener.close();
      throw e;
    }
  }

  /** Its namespace, as the library names it. */
  public NetworkNamespace networkNamespace() {
    return NetworkNamespace.at(namespace.path());
  }
}
