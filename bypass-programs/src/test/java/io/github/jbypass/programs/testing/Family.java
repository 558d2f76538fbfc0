// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static io.github.jbypass.programs.testing.PosixSocket.Domain.INET;
import static io.github.jbypass.programs.testing.PosixSocket.Domain.INET6;

import io.github.jbypass.programs.testing.PosixSocket.Domain;
import java.net.InetAddress;

/** Which address families the two ends of a connection use. */
public enum Family {
  /** Both IPv4. */
  IPV4(INET, INET, "127.0.0.1"),
  /** Both IPv6. */
  IPV6(INET6, INET6, "::1"),
  /** An IPv4 client of a dual-stack server, whose kernel socket sees {@code ::ffff:127.0.0.1}. */
  MAPPED_SERVER(INET, INET6, "127.0.0.1"),
  /** A dual-stack client, as Java's are by default, of an IPv4 server. */
  MAPPED_CLIENT(INET6, INET, "127.0.0.1"),
  /** Both dual-stack sockets, talking IPv4. */
  MAPPED_BOTH(INET6, INET6, "127.0.0.1");

  private final Domain client;
  private final Domain server;
  private final InetAddress loopback;

  Family(Domain client, Domain server, String loopback) {
    this.client = client;
    this.server = server;
    this.loopback = address(loopback);
  }

  /** A socket that can connect. */
  public PosixSocket clientSocket() {
    return PosixSocket.tcp(client);
  }

  /** A UDP socket. */
  public PosixSocket udpSocket() {
    return PosixSocket.udp(client);
  }

  /** A socket that can listen. */
  public PosixSocket serverSocket() {
    return PosixSocket.tcp(server);
  }

  /** The loopback address that the client connects to. */
  public InetAddress loopback() {
    return loopback;
  }

  /** The numeric address, never looked up. */
  public static InetAddress address(String numeric) {
    return InetAddress.ofLiteral(numeric);
  }
}
