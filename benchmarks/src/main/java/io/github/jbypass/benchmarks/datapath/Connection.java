// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.core.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;

/** Both ends of a connection, within this process; of several connections with proxies between. */
record Connection(SocketChannel client, SocketChannel server) implements AutoCloseable {
  /** Over loopback. */
  static Connection tcp() throws IOException {
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (var listener = ServerSocketChannel.open().bind(anyPort)) {
      return accepted(listener, SocketChannel.open(listener.getLocalAddress()));
    }
  }

  /** From one namespace to an address of another one. */
  static Connection tcp(NetworkNamespace from, NetworkNamespace to, String address)
      throws IOException {
    var anyPort = new InetSocketAddress(address, 0);
    try (var listener = to.run(() -> ServerSocketChannel.open().bind(anyPort))) {
      var there = listener.getLocalAddress();
      return accepted(listener, from.run(() -> SocketChannel.open(there)));
    }
  }

  static Connection unix() throws IOException {
    var directory = Files.createTempDirectory("jbypass-bench");
    var file = directory.resolve("socket");
    try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(file));
      return new Connection(SocketChannel.open(listener.getLocalAddress()), listener.accept());
    } finally {
      Files.deleteIfExists(file);
      Files.delete(directory);
    }
  }

  private static Connection accepted(ServerSocketChannel listener, SocketChannel client)
      throws IOException {
    var server = listener.accept();
    client.setOption(StandardSocketOptions.TCP_NODELAY, true);
    server.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return new Connection(client, server);
  }

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
  }
}
