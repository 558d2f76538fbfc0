// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.examples.rig.TestMesh;
import io.github.jbypass.examples.rig.TestMesh.Place;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Many connections from one place to an {@link Echo} that are open at the same time. */
final class Crowd implements AutoCloseable {
  private final List<SocketChannel> sockets = new ArrayList<>();

  private Crowd() {}

  static Crowd connect(TestMesh mesh, Place from, int count, String address, int port)
      throws IOException {
    Crowd crowd = new Crowd();
    InetSocketAddress target = new InetSocketAddress(InetAddress.ofLiteral(address), port);
    try {
      mesh.in(
          from,
          () -> {
            for (int i = 0; i < count; i++) {
              SocketChannel socket = SocketChannel.open();
              crowd.sockets.add(socket);
              socket.connect(target);
              socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            return null;
          });
    } catch (IOException e) {
      crowd.close();
      throw e;
    }
    return crowd;
  }

  /** Sends bytes of its own on each connection, then expects them back. */
  void talk(long seed, int bytes) throws IOException {
    for (int i = 0; i < sockets.size(); i++) {
      ByteBuffer message = ByteBuffer.wrap(content(seed + i, bytes));
      while (message.hasRemaining()) {
        sockets.get(i).write(message);
      }
    }
    for (int i = 0; i < sockets.size(); i++) {
      assertThat(read(sockets.get(i), bytes))
          .as("answer on connection %d", i)
          .isEqualTo(content(seed + i, bytes));
    }
  }

  /** Ends each connection in order: the other end has nothing more to say either. */
  void finish() throws IOException {
    for (SocketChannel socket : sockets) {
      socket.shutdownOutput();
    }
    for (SocketChannel socket : sockets) {
      assertThat(socket.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  private static byte[] content(long seed, int bytes) {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    return content;
  }

  private static byte[] read(SocketChannel socket, int bytes) throws IOException {
    ByteBuffer answer = ByteBuffer.allocate(bytes);
    while (answer.hasRemaining() && socket.read(answer) >= 0) {}
    return Arrays.copyOf(answer.array(), answer.position());
  }

  @Override
  public void close() throws IOException {
    for (SocketChannel socket : sockets) {
      socket.close();
    }
  }
}
