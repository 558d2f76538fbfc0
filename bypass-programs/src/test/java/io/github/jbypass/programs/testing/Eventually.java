// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Assertions on what the kernel finishes on its own time, such as delivering a segment. */
public final class Eventually {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration STEP = Duration.ofMillis(2);

  private Eventually() {}

  /** Waits until the value is the expected one, and fails with the last value seen. */
  public static <T> void assertBecomes(T expected, Supplier<T> value, String meaning) {
    within(LIMIT, () -> expected.equals(value.get()));
    assertEquals(expected, value.get(), meaning);
  }

  /**
   * Waits until that many bytes can be read. Peeks at them: FIONREAD does not count redirected
   * bytes on every kernel.
   */
  public static void assertArrive(int bytes, PosixSocket socket) {
    assertBecomes(bytes, () -> socket.receive(bytes, PosixSocket.MSG_PEEK).length, "bytes to read");
  }

  /** Whether the condition came true in time. */
  public static boolean within(Duration limit, BooleanSupplier condition) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      pause(STEP);
    }
    return true;
  }

  public static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }
}
