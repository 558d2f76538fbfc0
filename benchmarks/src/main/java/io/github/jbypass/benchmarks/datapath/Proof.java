// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import static io.github.jbypass.maps.Counter.REDIRECTED;
import static io.github.jbypass.maps.Counter.REFUSED_SHORT;
import static io.github.jbypass.maps.Counter.SOCKETS_ENROLLED;

import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Counters;
import java.util.EnumSet;
import java.util.Set;

/** By what counters programs prove that they took part. */
enum Proof {
  /** Messages were redirected. */
  REDIRECTS(EnumSet.of(REDIRECTED)),
  /** Messages were redirected or left to TCP for a reason, as bulk over loopback is. */
  DECIDES(
      EnumSet.of(
          REDIRECTED,
          Counter.TCP_DISABLED,
          Counter.TCP_BULK,
          Counter.TCP_UNREAD,
          Counter.TCP_QUEUE_FULL,
          Counter.TCP_NOT_PAIRED)),
  /** Connections were enrolled, or found too short for that. */
  NOTICES(EnumSet.of(SOCKETS_ENROLLED, REFUSED_SHORT));

  private final Set<Counter> evidence;

  Proof(Set<Counter> evidence) {
    this.evidence = evidence;
  }

  long of(Counters counters) {
    return evidence.stream().mapToLong(counters::get).sum();
  }
}
