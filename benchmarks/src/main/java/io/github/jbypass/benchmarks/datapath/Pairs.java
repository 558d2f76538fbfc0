// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Many connections over loopback in a {@link Child}, used by one thread: what is written at one end
 * can be read at the other one at once, so that nobody has to be woken up.
 */
final class Pairs {
  private static final int BACKLOG = 128;
  private static final int MESSAGE = 64;
  private static final int AT_ONCE = 100; // between two looks at the clock

  private final List<Connection> pairs = new ArrayList<>();
  private final Deque<ServerSocketChannel> listeners = new ArrayDeque<>();
  private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE);

  private Pairs() {}

  /** Answers {@code open N}, {@code send N MILLIS} and {@code close}, each with a line. */
  public static void main(String[] args) throws IOException {
    var pairs = new Pairs();
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (var line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(pairs.answer(line.split(" ")));
    }
    pairs.close();
  }

  private String answer(String[] request) throws IOException {
    try {
      return switch (request[0]) {
        case "open" -> Long.toString(open(Integer.parseInt(request[1])));
        case "send" -> send(Integer.parseInt(request[1]), Long.parseLong(request[2]));
        default -> {
          close();
          yield "0";
        }
      };
    } catch (IOException e) {
      close();
      return "!" + e;
    }
  }

  /** Opens as many pairs: nanoseconds. */
  private long open(int count) throws IOException {
    // One port of a listener can't have more clients than there are ephemeral ports.
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    listeners.push(ServerSocketChannel.open().bind(anyPort, BACKLOG));
    var listener = listeners.getFirst();
    var there = listener.getLocalAddress();
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      var client = SocketChannel.open(there);
      pairs.add(new Connection(client, listener.accept()));
    }
    return System.nanoTime() - start;
  }

  /** Sends a message over each of the first pairs in turn: how many, and nanoseconds. */
  private String send(int count, long millis) throws IOException {
    long messages = 0;
    long start = System.nanoTime();
    long end = start + millis * 1_000_000;
    long now;
    do {
      for (int i = 0; i < Math.max(count, AT_ONCE); i++) {
        send(pairs.get(i % count));
        messages++;
      }
      now = System.nanoTime();
    } while (now < end);
    return messages + " " + (now - start);
  }

  private void send(Connection pair) throws IOException {
    message.clear();
    while (message.hasRemaining()) {
      pair.client().write(message);
    }
    message.clear();
    while (message.hasRemaining()) {
      if (pair.server().read(message) < 0) {
        throw new IOException("a connection ended");
      }
    }
  }

  /** With a reset, so that no port stays taken for a minute. */
  private void close() throws IOException {
    for (var pair : pairs) {
      pair.client().setOption(StandardSocketOptions.SO_LINGER, 0);
      pair.close();
    }
    pairs.clear();
    while (!listeners.isEmpty()) {
      listeners.pop().close();
    }
  }
}
