// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Ends what would wait forever for bytes that are lost, or that came twice. */
final class TimeLimit {
  /** What a load has left in the sockets takes a moment to be read. */
  static final Duration GRACE = Duration.ofMinutes(1);

  /** What is measured. */
  interface Measured<T> {
    T get() throws IOException;
  }

  private TimeLimit() {}

  /** Closes the connections if it takes longer. */
  static <T> T of(Duration limit, List<Connection> connections, Measured<T> measured)
      throws IOException {
    var expired = new AtomicBoolean();
    var watch = Background.start(() -> closeAfter(limit, connections, expired));
    try {
      return measured.get();
    } catch (IOException e) {
      if (expired.get()) {
        throw new UnprovedException(
            "bytes were lost, or came twice: it had not ended after " + limit.toSeconds() + " s");
      }
      throw e;
    } finally {
      watch.cancel();
    }
  }

  private static void closeAfter(
      Duration limit, List<Connection> connections, AtomicBoolean expired) throws IOException {
    try {
      Thread.sleep(limit);
    } catch (InterruptedException _) {
      return; // cancelled: all is well
    }
    expired.set(true);
    for (var connection : connections) {
      connection.close();
    }
  }
}
