// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.micrometer;

import io.github.jbypass.maps.Counter;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Counter} is called as a meter.
 *
 * @param unit of the values; null for a plain number
 */
record CounterMeter(String name, @Nullable String unit, String description, Tags tags) {
  /** Each counter has one: a new one has to be given a name here before it compiles. */
  static CounterMeter of(Counter counter) {
    return switch (counter) {
      case REDIRECTED -> message("redirected", "none");
      case TCP_DISABLED,
          TCP_NOT_PAIRED,
          TCP_PEER_CLOSED,
          TCP_UNREAD,
          TCP_QUEUE_FULL,
          TCP_NO_MEMORY,
          TCP_BULK,
          TCP_NOT_FOUND ->
          message("tcp", reason(counter, "TCP_"));
      case REDIRECTED_BYTES ->
          new CounterMeter("bypass.redirected", "bytes", "Redirected bytes", Tags.empty());
      case CONNECTIONS_PAIRED ->
          plain("bypass.pairings", "Connections whose both ends were enrolled and paired");
      case SOCKETS_ENROLLED -> plain("bypass.enrolments", "Sockets that were enrolled");
      case REFUSED_POLICY,
          REFUSED_SHORT,
          REFUSED_FULL,
          REFUSED_DUPLICATE,
          REFUSED_KERNEL,
          REFUSED_DRAINING ->
          new CounterMeter(
              "bypass.enrolments.refused",
              null,
              "Local connections, or ends of them, that were left to TCP",
              Tags.of("reason", reason(counter, "REFUSED_")));
      case CONNECTIONS_INTERCEPTED ->
          plain("bypass.interceptions", "Connections accepted by a sidecar with their destination");
      case DESTINATION_LOST ->
          plain(
              "bypass.destinations.lost",
              "Connections led to a sidecar that can't learn their destination");
      case ARRIVALS_DROPPED ->
          plain("bypass.arrivals.dropped", "SYNs from outside that no port was free for");
    };
  }

  private static CounterMeter message(String path, String reason) {
    return new CounterMeter(
        "bypass.messages",
        null,
        "Messages of enrolled sockets, by the path that they took and why",
        Tags.of("path", path, "reason", reason));
  }

  private static CounterMeter plain(String name, String description) {
    return new CounterMeter(name, null, description, Tags.empty());
  }

  private static String reason(Counter counter, String prefix) {
    return counter.name().substring(prefix.length()).toLowerCase(Locale.ROOT);
  }
}
