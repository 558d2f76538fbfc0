// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.examples.rig.UndoStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** As many live pairs of sockets as are asked for, spread over processes. */
final class Crowd implements AutoCloseable {
  /** Descriptors that a JVM needs for itself. */
  private static final int RESERVE = 200;

  private static final int MOST_PER_PROCESS = 10_000;
  private static final int WARM_UP_PAIRS = 300;
  private static final int WARM_UP_MILLIS = 300;
  private static final Pattern OPEN_FILES =
      Pattern.compile("(?m)^Max open files\\s+\\S+\\s+(\\S+)");

  private final UndoStack undo = new UndoStack();
  private final List<Child> children = new ArrayList<>();
  private final List<Integer> shares = new ArrayList<>();

  /** Starts the processes and warms them up; opens no lasting pairs yet. */
  Crowd(Optional<Cgroup> cgroup, int pairs) throws IOException {
    try {
      int most = mostPerProcess();
      for (int left = pairs; left > 0; left -= most) {
        shares.add(Math.min(left, most));
        children.add(undo.push(new Child(cgroup, Pairs.class)));
      }
      for (var step : List.of("open " + WARM_UP_PAIRS, "send 100 " + WARM_UP_MILLIS, "close")) {
        for (var child : children) {
          child.begin(step);
        }
        for (var child : children) {
          child.await(step);
        }
      }
    } catch (IOException | RuntimeException e) {
      undo.closeAfter(e);
      throw e;
    }
  }

  private static int mostPerProcess() throws IOException {
    var limit = OPEN_FILES.matcher(Files.readString(Path.of("/proc/self/limits")));
    if (!limit.find() || limit.group(1).equals("unlimited")) {
      return MOST_PER_PROCESS;
    }
    return (int) Math.min(MOST_PER_PROCESS, (Long.parseLong(limit.group(1)) - RESERVE) / 2);
  }

  /** Opens all pairs, one process after the other: nanoseconds. */
  double open() throws IOException {
    double nanos = 0;
    for (int i = 0; i < children.size(); i++) {
      nanos += children.get(i).ask("open " + shares.get(i))[0];
    }
    return nanos;
  }

  /** Nanoseconds for a message while a few of the pairs are busy. */
  double few(int pairs, long millis) throws IOException {
    var answer = children.getFirst().ask("send %d %d".formatted(pairs, millis));
    return answer[1] / answer[0];
  }

  /** Nanoseconds for a message while all pairs are busy in turn. */
  double all(long millis) throws IOException {
    double messages = 0;
    double nanos = 0;
    for (int i = 0; i < children.size(); i++) {
      var request = "send %d %d".formatted(shares.get(i), millis / children.size());
      var answer = children.get(i).ask(request);
      messages += answer[0];
      nanos += answer[1];
    }
    return nanos / messages;
  }

  @Override
  public void close() {
    undo.close();
  }
}
