// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.programs.testing.Content;
import io.github.jbypass.programs.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Java's own sockets: dual-stack, non-blocking under virtual threads, fond of FIONREAD. */
class JavaSocketsTest extends DataPathTest {
  private static final Content CONTENT = new Content(11);
  private static final int TURNS = 100;
  private static final int MESSAGE = 300;

  @Test
  void socketsEcho() throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      executor.submit(() -> echo(listener));
      call(listener.getLocalSocketAddress(), 0);
    }
    path.assertRedirected();
  }

  @Test
  void availableTellsWhatCanBeRead() throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
        Socket server = listener.accept()) {
      assertEquals(0, server.getInputStream().available());

      client.getOutputStream().write(new byte[100]);
      Eventually.assertBecomes(100, () -> available(server), "bytes available");

      server.getInputStream().readNBytes(30);
      assertEquals(70, available(server));

      path.redirecting(false);
      client.getOutputStream().write(new byte[50]);
      Eventually.assertBecomes(120, () -> available(server), "bytes available");

      server.getInputStream().readNBytes(120);
      assertEquals(0, available(server));
    }
    path.assertRedirected();
  }

  @Test
  void aReadGivesUpAfterItsTimeout() throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
        Socket server = listener.accept()) {
      server.setSoTimeout(100);
      assertThrows(SocketTimeoutException.class, () -> server.getInputStream().read());
      client.getOutputStream().write(42);
      assertEquals(42, server.getInputStream().read());
    }
    path.assertRedirected();
  }

  @Test
  void aSelectorServesManyChannels() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open();
        Selector selector = Selector.open();
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      listener.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
      Future<?> serving = executor.submit(() -> serve(selector, 20));
      callFromVirtualThreads(listener.getLocalAddress(), 20);
      Eventually.assertBecomes(true, serving::isDone, "the selector has served everyone");
      assertEquals(Future.State.SUCCESS, serving.state());
    }
    path.assertRedirected();
  }

  @Test
  void virtualThreadsEcho() throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 100; i++) {
        executor.submit(() -> echo(listener));
      }
      callFromVirtualThreads(listener.getLocalSocketAddress(), 100);
    }
    path.assertRedirected();
  }

  /** Accepts one connection and sends back what comes, to its end. */
  private static Void echo(ServerSocket listener) throws IOException {
    try (Socket socket = listener.accept()) {
      socket.getInputStream().transferTo(socket.getOutputStream());
      return null;
    }
  }

  /** Echoes on all channels until that many have closed. */
  private static void serve(Selector selector, int clients) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(MESSAGE);
    try {
      for (int left = clients; left > 0; ) {
        selector.select();
        for (SelectionKey key : selector.selectedKeys()) {
          if (key.channel() instanceof ServerSocketChannel listener) {
            listener.accept().configureBlocking(false).register(selector, SelectionKey.OP_READ);
          } else if (!echo((SocketChannel) key.channel(), buffer)) {
            left--;
          }
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean echo(SocketChannel channel, ByteBuffer buffer) throws IOException {
    if (channel.read(buffer.clear()) < 0) {
      channel.close();
      return false;
    }
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    return true;
  }

  private static void callFromVirtualThreads(SocketAddress address, int clients) {
    List<Future<?>> calls = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < clients; i++) {
        long offset = (long) i * TURNS * MESSAGE;
        calls.add(
            executor.submit(
                () -> {
                  call(address, offset);
                  return null;
                }));
      }
    }
    assertTrue(calls.stream().allMatch(call -> call.state() == Future.State.SUCCESS));
  }

  private static void call(SocketAddress address, long offset) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(address);
      for (int turn = 0; turn < TURNS; turn++) {
        byte[] message = CONTENT.bytes(offset + (long) turn * MESSAGE, MESSAGE);
        socket.getOutputStream().write(message);
        assertArrayEquals(message, socket.getInputStream().readNBytes(MESSAGE));
      }
      socket.shutdownOutput();
      assertEquals(-1, socket.getInputStream().read());
    }
  }

  private static int available(Socket socket) {
    try {
      return socket.getInputStream().available();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
