// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.ArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Closes resources, one after another, under threads that do nothing but use them. Reordering takes
 * many tries to show: without the barrier in {@link Lifetime#close}, one resource in some thousands
 * is freed under its holder, or never.
 */
class LifetimeRaceTest {
  private static final int RESOURCES = 100_000;
  private static final int USES_IN_A_ROW = 1000;
  private static final long MOST_NANOS = 2_000_000_000L;

  private static final class Probe extends Lifetime {
    final AtomicInteger freed = new AtomicInteger();

    /** Whether it has a holder, or can't have one any more. */
    volatile boolean inUse;

    Probe() {
      super("the probe");
    }

    @Override
    protected void free() {
      freed.incrementAndGet();
    }
  }

  private final Probe[] probes =
      IntStream.range(0, RESOURCES).mapToObj(i -> new Probe()).toArray(Probe[]::new);
  private final AtomicInteger holders = new AtomicInteger();
  private final AtomicInteger usesAfterFree = new AtomicInteger();

  @ParameterizedTest(name = "beside {0} others")
  @ValueSource(ints = {0, 2})
  void aResourceWithAHolderIsFreedOnceWithNobodyInside(int others) throws InterruptedException {
    assumeThat(Membarrier.isExpedited()).isTrue();
    var users = new ArrayList<Thread>();
    users.add(Thread.ofPlatform().start(this::holdEach));
    for (int i = 0; i < others; i++) {
      users.add(Thread.ofPlatform().start(this::useEach));
    }

    closeEach();
    for (var user : users) {
      user.join();
    }

    assertThat(holders).as("had a holder").hasPositiveValue();
    assertThat(usesAfterFree).hasValue(0);
    assertThat(probes).allMatch(probe -> probe.freed.get() == 1);
  }

  private void holdEach() {
    for (var probe : probes) {
      if (probe.becomeHolder()) {
        holders.incrementAndGet();
      }
      probe.inUse = true;
      use(probe);
    }
  }

  private void useEach() {
    for (var probe : probes) {
      while (!probe.inUse && !probe.isClosed()) {
        Thread.yield();
      }
      use(probe);
    }
  }

  private void use(Probe probe) {
    for (int uses = 1; probe.tryAcquire(); uses++) {
      if (probe.freed.get() != 0) {
        usesAfterFree.incrementAndGet();
      }
      probe.release();
      if (uses % USES_IN_A_ROW == 0) {
        Thread.yield(); // perhaps the one that closes has no CPU
      }
    }
  }

  private void closeEach() {
    long begin = System.nanoTime();
    for (var probe : probes) {
      while (!probe.inUse && System.nanoTime() - begin < MOST_NANOS) {
        Thread.yield();
      }
      for (int pause = ThreadLocalRandom.current().nextInt(50); pause > 0; pause--) {
        Thread.onSpinWait();
      }
      probe.close();
    }
  }
}
