// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Somebody who connects again and again, and fails if a single connection does. */
public final class Caller implements AutoCloseable {
  private final AtomicInteger calls = new AtomicInteger();
  private final CompletableFuture<Void> calling;
  private volatile boolean ends;

  private Caller(Runnable call) {
    calling =
        Background.run(
            () -> {
              while (!ends) {
                call.run();
                calls.incrementAndGet();
              }
            });
  }

  /**
   * Begins.
   *
   * @param call connects, tries the connection out and closes it
   */
  public static Caller start(Runnable call) {
    return new Caller(call);
  }

  /** Waits until so many more calls have succeeded. */
  public void awaitMore(int count) {
    int target = calls.get() + count;
    Eventually.assertBecomes(true, () -> calling.isDone() || calls.get() >= target, "calls made");
    assertFalse(calling.isDone(), () -> "it gave up: " + calling.handle((_, e) -> e).join());
  }

  /** Stops calling; fails if a call has. */
  public void stop() {
    ends = true;
    calling.join();
  }

  @Override
  public void close() {
    ends = true;
    calling.handle((_, _) -> 0).join();
  }
}
