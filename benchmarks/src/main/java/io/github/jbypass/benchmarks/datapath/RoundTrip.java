// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;

/** Messages of one size there and back, one after the other. */
final class RoundTrip {
  private RoundTrip() {}

  /** Microseconds for each; warms up before. The connection can be used again afterwards. */
  static double micros(Connection connection, int size, Duration time) throws IOException {
    return TimeLimit.of(
        time.multipliedBy(2).plus(TimeLimit.GRACE),
        List.of(connection),
        () -> {
          run(connection, size, time.dividedBy(4));
          return run(connection, size, time);
        });
  }

  private static double run(Connection connection, int size, Duration time) throws IOException {
    var echo = Background.start(() -> echo(connection.server(), size));
    var message = ByteBuffer.allocateDirect(size);
    double nanos =
        Repeatedly.nanos(
            time,
            1,
            () -> {
              send(connection.client(), message, (byte) 1);
              receive(connection.client(), message);
            });
    send(connection.client(), message, (byte) 0);
    echo.await();
    return nanos / 1e3;
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

  /** The last byte of a message tells whether more will follow. */
  static void send(SocketChannel socket, ByteBuffer message, byte more) throws IOException {
    message.clear().put(message.capacity() - 1, more);
    while (message.hasRemaining()) {
      socket.write(message);
    }
  }

  /** A whole message: whether more will follow. */
  static boolean receive(SocketChannel socket, ByteBuffer message) throws IOException {
    message.clear();
    while (message.hasRemaining()) {
      if (socket.read(message) < 0) {
        throw new IOException("the connection ended in mid-message");
      }
    }
    return message.get(message.capacity() - 1) != 0;
  }
}
