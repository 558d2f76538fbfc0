// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.net.InetSocketAddress;

/** The two ends of one connection, in the order of who called. */
public record Pair(PosixSocket client, PosixSocket server) implements AutoCloseable {

  /** Connects over loopback. */
  public static Pair connect(Family family) {
    try (PosixSocket listener = listen(family)) {
      return connect(family.clientSocket(), listener, family);
    }
  }

  /** Connects a socket that the caller has prepared; it is closed if that fails. */
  public static Pair connect(PosixSocket client, PosixSocket listener, Family family) {
    return connect(
        client,
        listener,
        new InetSocketAddress(family.loopback(), listener.localAddress().getPort()));
  }

  /** Connects to a listener by an address of the caller's choice. */
  public static Pair connect(PosixSocket client, PosixSocket listener, InetSocketAddress address) {
    try {
      client.connect(address);
      return new Pair(client, listener.accept());
    } catch (RuntimeException e) {
      client.close();
      throw e;
    }
  }

  /** A listener on a free port of the loopback. */
  public static PosixSocket listen(Family family) {
    PosixSocket listener = family.serverSocket();
    try {
      boolean inet6Only = family == Family.IPV6;
      return listener.bind(Family.address(inet6Only ? "::1" : "127.0.0.1"), 0).listen(128);
    } catch (RuntimeException e) {
      listener.close();
      throw e;
    }
  }

  /** Wakes whoever waits for either end. */
  void disconnect() {
    for (PosixSocket end : new PosixSocket[] {client, server}) {
      try {
        end.shutdownInput();
        end.shutdownOutput();
      } catch (PosixException e) {
        if (e.errno() != Errno.ENOTCONN) {
          throw e;
        }
      }
    }
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
