// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;

/** Both ends of a connection within this process. */
record Connection(SocketChannel client, SocketChannel server) implements AutoCloseable {
  static Connection tcp() throws IOException {
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (var listener = ServerSocketChannel.open().bind(anyPort)) {
      var client = SocketChannel.open(listener.getLocalAddress());
      var server = listener.accept();
      client.setOption(StandardSocketOptions.TCP_NODELAY, true);
      server.setOption(StandardSocketOptions.TCP_NODELAY, true);
      return new Connection(client, server);
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

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
  }
}
