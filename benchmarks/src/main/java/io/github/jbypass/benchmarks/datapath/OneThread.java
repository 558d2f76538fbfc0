// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Messages that the thread which has written them reads at once: nobody is woken up, and nothing
 * leaves the processor's caches.
 */
final class OneThread {
  static final int MESSAGE = 64;
  private static final int AT_ONCE = 100; // between two looks at the clock

  private OneThread() {}

  /** Nanoseconds for writing and reading one; warms up before. */
  static double nanos(Connection connection, Duration time) throws IOException {
    send(connection, time.dividedBy(4));
    return send(connection, time);
  }

  private static double send(Connection connection, Duration time) throws IOException {
    var message = ByteBuffer.allocateDirect(MESSAGE);
    return Repeatedly.nanos(
        time,
        AT_ONCE,
        () -> {
          RoundTrip.send(connection.client(), message, (byte) 1);
          RoundTrip.receive(connection.server(), message);
        });
  }
}
