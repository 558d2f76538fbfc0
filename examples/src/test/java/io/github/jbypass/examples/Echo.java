// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.examples.rig.TestMesh;
import io.github.jbypass.examples.rig.TestMesh.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A server of a pod that sends back what it gets. Remembers from which addresses it was asked. */
final class Echo implements AutoCloseable {
  private final ServerSocketChannel listener;
  private final Set<InetAddress> clients = ConcurrentHashMap.newKeySet();

  private Echo(ServerSocketChannel listener) {
    this.listener = listener;
    Thread.ofPlatform().daemon().start(this::serve);
  }

  /** Listens on a port, or any if it is 0, of all of a place's addresses. */
  static Echo start(TestMesh mesh, Place place, int port) throws IOException {
    return new Echo(
        mesh.in(place, () -> ServerSocketChannel.open().bind(new InetSocketAddress(port), 1024)));
  }

  int port() throws IOException {
    return ((InetSocketAddress) listener.getLocalAddress()).getPort();
  }

  /** Who has connected since this was asked last. */
  Set<InetAddress> clients() {
    Set<InetAddress> seen = Set.copyOf(clients);
    clients.removeAll(seen);
    return seen;
  }

  private void serve() {
    try {
      while (true) {
        SocketChannel socket = listener.accept();
        clients.add(((InetSocketAddress) socket.getRemoteAddress()).getAddress());
        Thread.ofVirtual().start(() -> answer(socket));
      }
    } catch (IOException e) {
      if (listener.isOpen()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void answer(SocketChannel socket) {
    try (socket) {
      ByteBuffer buffer = ByteBuffer.allocate(16 << 10);
      while (socket.read(buffer.clear()) >= 0) {
        for (buffer.flip(); buffer.hasRemaining(); ) {
          socket.write(buffer);
        }
      }
    } catch (IOException e) {
      // the client sees that the connection ends
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
