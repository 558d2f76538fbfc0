// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** What is done with a connection for a while, and the figure that comes of it. */
interface Measurement {
  /** Runs about that long. The connection can be measured again afterwards. */
  double run(Connection connection, Duration time) throws IOException;

  /** Round trips of messages of that size: microseconds each. */
  static Measurement roundTrip(int size) {
    return (connection, time) -> {
      var echo = inBackground(() -> echo(connection.server(), size));
      var message = ByteBuffer.allocateDirect(size);
      long trips = 0;
      long start = System.nanoTime();
      long end = start + time.toNanos();
      long now;
      do {
        send(connection.client(), message, (byte) 1);
        receive(connection.client(), message);
        trips++;
        now = System.nanoTime();
      } while (now < end);
      send(connection.client(), message, (byte) 0);
      await(echo);
      return (now - start) / 1e3 / trips;
    };
  }

  /** A one-way stream of writes of that size: megabytes (10⁶) a second that arrive. */
  static Measurement stream(int size) {
    return (connection, time) -> {
      var drain = inBackground(() -> drain(connection.server(), size));
      var message = ByteBuffer.allocateDirect(size);
      long bytes = 0;
      long start = System.nanoTime();
      long end = start + time.toNanos();
      do {
        send(connection.client(), message, (byte) 1);
        bytes += size;
      } while (System.nanoTime() < end);
      send(connection.client(), message, (byte) 0);
      await(drain);
      return bytes / 1e6 / ((System.nanoTime() - start) / 1e9);
    };
  }

  /** What a background task does. */
  interface Task {
    void run() throws IOException;
  }

  private static FutureTask<Void> inBackground(Task task) {
    var future =
        new FutureTask<Void>(
            () -> {
              task.run();
              return null;
            });
    Thread.ofPlatform().daemon().start(future);
    return future;
  }

  private static void await(FutureTask<Void> future) throws IOException {
    try {
      future.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** The last byte of a message tells whether more will follow. */
  private static void send(SocketChannel socket, ByteBuffer message, byte more) throws IOException {
    message.clear().put(message.capacity() - 1, more);
    while (message.hasRemaining()) {
      socket.write(message);
    }
  }

  private static boolean receive(SocketChannel socket, ByteBuffer message) throws IOException {
    message.clear();
    while (message.hasRemaining()) {
      if (socket.read(message) < 0) {
        throw new IOException("the connection ended in mid-message");
      }
    }
    return message.get(message.capacity() - 1) != 0;
  }

  private static void echo(SocketChannel socket, int size) throws IOException {
    var message = ByteBuffer.allocateDirect(size);
    while (receive(socket, message)) {
      message.flip();
      while (message.hasRemaining()) {
        socket.write(message);
      }
    }
  }

  private static void drain(SocketChannel socket, int size) throws IOException {
    var buffer = ByteBuffer.allocateDirect(Math.max(size, 256 << 10));
    long position = 0;
    while (true) {
      int n = socket.read(buffer.clear());
      if (n < 0) {
        throw new IOException("the connection ended in mid-stream");
      }
      position += n;
      if (position % size == 0 && buffer.get(n - 1) == 0) {
        return;
      }
    }
  }
}
