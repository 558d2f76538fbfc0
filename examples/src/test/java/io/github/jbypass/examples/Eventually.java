// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import java.time.Duration;

/** What comes true a moment later, because other processes have to do their part. */
final class Eventually {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Eventually() {}

  /** Checks until the check passes; the last failure is the test's. */
  static void check(Runnable check) throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      try {
        check.run();
        return;
      } catch (AssertionError e) {
        if (System.nanoTime() > end) {
          throw e;
        }
      }
      Thread.sleep(20);
    }
  }
}
