// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LifetimeTest {
  private static final int THREADS = 8;
  private static final int ROUNDS = 500;

  /** Counts how often it was freed, and how many operations were under way then. */
  private static final class Probe extends Lifetime {
    final AtomicInteger freed = new AtomicInteger();
    final AtomicInteger inside = new AtomicInteger();
    volatile int insideWhenFreed;

    Probe() {
      super("the probe");
    }

    @Override
    protected void free() {
      insideWhenFreed = inside.get();
      freed.incrementAndGet();
    }
  }

  @Test
  void anIdleResourceIsFreedByCloseAndOnlyOnce() {
    var probe = new Probe();
    assertThat(probe.isClosed()).isFalse();
    probe.close();
    probe.close();

    assertThat(probe.isClosed()).isTrue();
    assertThat(probe.freed).hasValue(1);
    assertThatIllegalStateException().isThrownBy(probe::acquire).withMessage("the probe is closed");
  }

  @Test
  void theLastOperationFreesAResourceThatWasClosedMeanwhile() {
    var probe = new Probe();
    probe.acquire();
    probe.acquire();
    probe.close();
    assertThat(probe.freed).hasValue(0);
    assertThatIllegalStateException().isThrownBy(probe::acquire);

    probe.release();
    assertThat(probe.freed).hasValue(0);
    probe.release();
    assertThat(probe.freed).hasValue(1);
    probe.close();
    assertThat(probe.freed).hasValue(1);
  }

  @Test
  void howeverThreadsRaceItIsFreedOnceWithNobodyInside() throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      var probe = new Probe();
      var start = new CountDownLatch(1);
      try (var threads = Executors.newFixedThreadPool(THREADS)) {
        for (int i = 0; i < THREADS; i++) {
          boolean closes = i % 4 == 0;
          threads.submit(() -> race(probe, start, closes));
        }
        start.countDown();
      }
      assertThat(probe.freed).hasValue(1);
      assertThat(probe.insideWhenFreed).isZero();
    }
  }

  private static Void race(Probe probe, CountDownLatch start, boolean closes)
      throws InterruptedException {
    start.await();
    if (closes) {
      probe.close();
      return null;
    }
    try {
      while (true) {
        probe.acquire();
        probe.inside.incrementAndGet();
        probe.inside.decrementAndGet();
        probe.release();
      }
    } catch (IllegalStateException e) {
      return null;
    }
  }
}
