// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.maps.Flow;
import io.github.jbypass.maps.Flows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Waits until what was redirected is read, while nothing more is. */
final class Drain {
  private static final long INTERVAL_MILLIS = 5;

  /** A walk over a map that changes may miss a socket. */
  private static final int WALKS = 2;

  private Drain() {}

  /**
   * A queue may fill again with what comes over TCP, where FIONREAD had to be repaired: once it was
   * empty, no redirected bytes are in it any more.
   */
  static DrainReport await(List<Flows> flows, Duration timeout) {
    long begin = System.nanoTime();
    long patience = TimeUnit.NANOSECONDS.convert(timeout); // at most 292 years
    var drained = new HashSet<Long>();
    for (int walks = 0; ; ) {
      var left = undrained(flows, drained);
      walks = left.isEmpty() ? walks + 1 : 0;
      if (walks == WALKS || !left.isEmpty() && System.nanoTime() - begin >= patience) {
        return new DrainReport(left);
      }
      try {
        Thread.sleep(left.isEmpty() ? 0 : INTERVAL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return new DrainReport(left);
      }
    }
  }

  private static List<Flow> undrained(List<Flows> flows, Set<Long> drained) {
    var left = new ArrayList<Flow>();
    for (var some : flows) {
      some.forEach(
          flow -> {
            if (flow.queued().orElse(1) == 0) {
              drained.add(flow.cookie());
            } else if (!drained.contains(flow.cookie())) {
              left.add(flow);
            }
          });
    }
    return left;
  }
}
