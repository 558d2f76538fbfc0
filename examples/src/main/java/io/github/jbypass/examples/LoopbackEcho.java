// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.programs.Bypass;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Start reading here: an echo over loopback, once over TCP and once past it. */
public final class LoopbackEcho {
  private static final int ROUND_TRIPS = 20_000;

  private LoopbackEcho() {}

  public static void main(String[] args) throws IOException {
    try (OwnCgroup own = new OwnCgroup()) {
      roundTripMicros(); // lets the JIT compile
      System.out.printf("plain:       %5.1f us a round trip%n", roundTripMicros());
      try (Bypass bypass = Bypass.builder().cgroup(own.cgroup()).load().attach()) {
        System.out.printf("accelerated: %5.1f us a round trip%n", roundTripMicros());
        System.out.println(bypass.counters());
      }
    }
  }

  private static double roundTripMicros() throws IOException {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (ServerSocketChannel listener = ServerSocketChannel.open().bind(anyPort);
        SocketChannel client = SocketChannel.open(listener.getLocalAddress())) {
      Thread.ofPlatform().start(() -> echo(listener));
      ByteBuffer message = ByteBuffer.allocateDirect(64);
      long start = System.nanoTime();
      for (int i = 0; i < ROUND_TRIPS; i++) {
        client.write(message.clear());
        message.clear();
        while (message.hasRemaining()) {
          client.read(message);
        }
      }
      return (System.nanoTime() - start) / 1e3 / ROUND_TRIPS;
    }
  }

  private static void echo(ServerSocketChannel listener) {
    try (SocketChannel socket = listener.accept()) {
      ByteBuffer message = ByteBuffer.allocateDirect(64);
      while (socket.read(message.clear()) >= 0) {
        socket.write(message.flip());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
