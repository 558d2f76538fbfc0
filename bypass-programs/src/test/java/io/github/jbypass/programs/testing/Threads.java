// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

/** Waiting for threads; an interrupt there ends the test. */
final class Threads {
  private Threads() {}

  static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + thread.getName(), e);
    }
  }
}
