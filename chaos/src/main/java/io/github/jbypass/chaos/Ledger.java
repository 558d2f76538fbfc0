// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import io.github.jbypass.chaos.ends.Record;
import io.github.jbypass.chaos.ends.Route;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Compares what the two ends of each connection know of it. Thread-safe. */
final class Ledger {
  private final Map<Long, Record> halves = new HashMap<>();
  private final List<String> failures = new ArrayList<>();
  private final Map<Route, Integer> whole = new EnumMap<>(Route.class);
  private int broken;
  private long bytes;

  /** Takes what one end knows. */
  synchronized void add(Record record) {
    var other = halves.remove(record.connection());
    if (other == null) {
      halves.put(record.connection(), record);
    } else if (other.client() == record.client()) {
      failures.add("one connection has ended twice: " + other + ", " + record);
    } else {
      compare(other, record);
      compare(record, other);
      count(record, other);
    }
  }

  synchronized void fail(String what) {
    failures.add(what);
  }

  private void compare(Record sender, Record receiver) {
    boolean isWhole = sender.whole() && receiver.whole();
    boolean delivered =
        isWhole ? receiver.received() == sender.written() : receiver.received() <= sender.written();
    if (!delivered || sender.acknowledged() > receiver.received()) {
      failures.add("bytes lost or made up: from " + sender + " to " + receiver);
    }
  }

  private void count(Record one, Record other) {
    bytes += one.received() + other.received();
    if (one.whole() && other.whole()) {
      whole.merge(one.route(), 1, Integer::sum);
    } else {
      broken++;
    }
  }

  /** After the end: a connection that only one end knows of was never one. */
  synchronized void close() {
    for (var record : halves.values()) {
      boolean neverArrived =
          record.client()
              && !record.whole()
              && record.received() == 0
              && record.acknowledged() == 0;
      if (!neverArrived) {
        failures.add("only one end knows of " + record);
      }
    }
  }

  synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  /** How many connections of a route came to their ends. */
  synchronized int whole(Route route) {
    return whole.getOrDefault(route, 0);
  }

  synchronized String summary() {
    return "%d connections whole %s, %d broken with their sidecar, %d never arrived; %d MiB verified"
        .formatted(
            whole.values().stream().mapToInt(Integer::intValue).sum(),
            whole,
            broken,
            halves.size(),
            bytes >> 20);
  }
}
