// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
  void whatAFrequentUserHoldsIsFreedWhenItLeaves() {
    var probe = frequentlyUsed();
    probe.acquire();
    probe.acquire();
    onAnotherThread(probe::close);
    assertThat(probe.tryAcquire()).isFalse();

    probe.release();
    assertThat(probe.freed).hasValue(0);
    probe.release();
    assertThat(probe.freed).hasValue(1);
    assertThat(probe.tryAcquire()).isFalse();
    probe.close();
    assertThat(probe.freed).hasValue(1);
  }

  @Test
  void whatAFrequentUserLeftIsFreedByClose() {
    for (var closer : List.<Consumer<Runnable>>of(Runnable::run, LifetimeTest::onAnotherThread)) {
      var probe = frequentlyUsed();
      closer.accept(probe::close);
      assertThat(probe.freed).hasValue(1);
      assertThat(probe.tryAcquire()).isFalse();
      assertThat(probe.freed).hasValue(1);
    }
  }

  @Test
  void aFrequentUserMayCloseWhatItHolds() {
    var probe = frequentlyUsed();
    probe.acquire();
    probe.close();
    assertThat(probe.freed).hasValue(0);
    probe.release();
    assertThat(probe.freed).hasValue(1);
  }

  @Test
  void anOperationOfAnotherThreadOutlastsTheFrequentUser() throws Exception {
    var probe = frequentlyUsed();
    try (var other = Executors.newSingleThreadExecutor()) {
      other.submit(probe::acquire).get();
      probe.acquire();
      probe.close();
      probe.release();
      assertThat(probe.freed).hasValue(0);
      other.submit(probe::release).get();
    }
    assertThat(probe.freed).hasValue(1);
  }

  @Test
  void aThreadThatIsInsideBecomesNoHolder() {
    assumeThat(Membarrier.isExpedited()).isTrue();
    var probe = new Probe();
    probe.acquire();
    assertThat(probe.becomeHolder()).isFalse();
    probe.release();
    assertThat(probe.becomeHolder()).isTrue();
    onAnotherThread(() -> assertThat(probe.becomeHolder()).isFalse());
    probe.close();
    assertThat(probe.freed).hasValue(1);
  }

  @Test
  void aHolderThatHasEndedKeepsNothingOpen() {
    assumeThat(Membarrier.isExpedited()).isTrue();
    var probe = new Probe();
    onAnotherThread(() -> assertThat(probe.becomeHolder()).isTrue());
    probe.acquire();
    probe.close();
    assertThat(probe.freed).hasValue(0);
    probe.release();
    assertThat(probe.freed).hasValue(1);
  }

  private static Probe frequentlyUsed() {
    var probe = new Probe();
    for (int i = 0; i < 2000; i++) {
      probe.acquire();
      probe.release();
    }
    assertThat(probe.becomeHolder()).as("it has a holder").isFalse();
    return probe;
  }

  private static void onAnotherThread(Runnable task) {
    CompletableFuture.runAsync(task, Thread.ofVirtual()::start).join();
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
