// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos.ends;

import java.util.Comparator;
import java.util.PriorityQueue;

/** What is to be done later, by the thread that asks for it. Not thread-safe. */
final class Timers {
  private static final long IDLE = 100;

  private final PriorityQueue<Timer> queue =
      new PriorityQueue<>(Comparator.comparingLong(Timer::time));
  private final long start = System.nanoTime();

  private record Timer(long time, Runnable task) {}

  void after(long nanoseconds, Runnable task) {
    queue.add(new Timer(now() + nanoseconds, task));
  }

  /** At least 1, so that what comes within a millisecond is done in one go. */
  long millisecondsToNext() {
    return queue.isEmpty() ? IDLE : Math.clamp((queue.element().time - now()) / 1_000_000, 1, IDLE);
  }

  void run() {
    long until = now();
    while (!queue.isEmpty() && queue.element().time <= until) {
      queue.remove().task.run();
    }
  }

  private long now() {
    return System.nanoTime() - start;
  }
}
