// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.programs.RedirectedSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A sidecar: asks where each connection was meant to go before it was redirected, by iptables or by
 * us, and forwards it there. Arguments: the port to listen on; the address to connect from, if any.
 */
public final class OriginalDestination {
  private OriginalDestination() {}

  public static void main(String[] args) throws IOException {
    InetSocketAddress source = args.length > 1 ? new InetSocketAddress(args[1], 0) : null;
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(Integer.parseInt(args[0])), 1024);
      System.out.println("READY");
      while (true) {
        SocketChannel client = listener.accept();
        Thread.ofVirtual().start(() -> forward(client, source));
      }
    }
  }

  private static void forward(SocketChannel client, @Nullable InetSocketAddress source) {
    try (client;
        SocketChannel server = SocketChannel.open()) {
      InetSocketAddress target =
          RedirectedSocket.originalDestination(client)
              .orElseThrow(() -> new IOException("nobody redirected " + client));
      System.out.println(client.getRemoteAddress() + " asked for " + target);
      server.bind(source).connect(target);
      Thread answers = Thread.ofVirtual().start(() -> copy(server, client));
      copy(client, server);
      answers.join();
    } catch (IOException | InterruptedException e) {
      System.err.println(e);
    }
  }

  private static void copy(SocketChannel from, SocketChannel to) {
    try {
      ByteBuffer buffer = ByteBuffer.allocateDirect(16 << 10);
      while (from.read(buffer.clear()) >= 0) {
        for (buffer.flip(); buffer.hasRemaining(); ) {
          to.write(buffer);
        }
      }
      to.shutdownOutput();
    } catch (IOException e) {
      System.err.println(e);
    }
  }
}
