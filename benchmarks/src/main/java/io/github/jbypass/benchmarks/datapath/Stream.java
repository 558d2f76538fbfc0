// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bytes that went one way over some connections at once.
 *
 * @param bytes that arrived
 * @param nanos that it took
 * @param sending nanoseconds of processor time of the threads that wrote
 * @param receiving the same of those that read
 * @param machine the same of everything that ran meanwhile
 */
record Stream(long bytes, long nanos, long sending, long receiving, long machine) {
  private static final int LEAST_BUFFER = 256 << 10;

  /** Warms up, then sends writes of one size as fast as they are taken. */
  static Stream run(List<Connection> connections, int size, Duration time) throws IOException {
    return TimeLimit.of(
        time.multipliedBy(2).plus(TimeLimit.GRACE),
        connections,
        () -> {
          measure(connections, size, time.dividedBy(4));
          return measure(connections, size, time);
        });
  }

  private static Stream measure(List<Connection> connections, int size, Duration time)
      throws IOException {
    var sent = new LongAdder();
    var arrived = new LongAdder();
    var senders = new ArrayList<Background>();
    var receivers = new ArrayList<Background>();
    long machine = CpuTime.ofMachine();
    long start = System.nanoTime();
    for (var connection : connections) {
      receivers.add(Background.start(() -> drain(connection.server(), size, arrived)));
      senders.add(
          Background.start(() -> fill(connection.client(), size, start + time.toNanos(), sent)));
    }
    long sending = 0;
    for (var sender : senders) {
      sending += sender.await();
    }
    long receiving = 0;
    for (var receiver : receivers) {
      receiving += receiver.await();
    }
    long nanos = System.nanoTime() - start;
    if (arrived.sum() != sent.sum()) {
      throw new UnprovedException(
          "%d bytes were sent, %d arrived".formatted(sent.sum(), arrived.sum()));
    }
    return new Stream(arrived.sum(), nanos, sending, receiving, CpuTime.ofMachine() - machine);
  }

  double megabytesPerSecond() {
    return bytes / 1e6 / (nanos / 1e9);
  }

  /** Of processor time, for 10⁹ bytes. */
  double secondsPerGigabyte(long cpuNanos) {
    return (double) cpuNanos / bytes;
  }

  private static void fill(SocketChannel socket, int size, long end, LongAdder sent)
      throws IOException {
    long position = 0;
    var message = ByteBuffer.allocateDirect(size);
    boolean more;
    do {
      more = System.nanoTime() < end;
      message.clear().put(size - 1, (byte) (more ? 1 : 0)); // the last byte of the last write is 0
      while (message.hasRemaining()) {
        position += socket.write(message);
      }
    } while (more);
    sent.add(position);
  }

  private static void drain(SocketChannel socket, int size, LongAdder arrived) throws IOException {
    var buffer = ByteBuffer.allocateDirect(Math.max(size, LEAST_BUFFER));
    long position = 0;
    while (true) {
      int n = socket.read(buffer.clear());
      if (n < 0) {
        throw new IOException("the connection ended in mid-stream");
      }
      position += n;
      if (position % size == 0 && buffer.get(n - 1) == 0) {
        arrived.add(position);
        return;
      }
    }
  }
}
