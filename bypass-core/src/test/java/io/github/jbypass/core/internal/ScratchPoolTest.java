// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class ScratchPoolTest {
  private static final int THREADS = 200; // more than there are slots
  private static final int ROUNDS = 5_000; // more than it takes to get another thread's slot

  private final ScratchPool pool = new ScratchPool(Long.BYTES, Long.BYTES);

  @Test
  void aThreadGetsBackThePieceThatItGave() {
    var first = pool.take();
    pool.give(first);

    var second = pool.take();
    assertThat(second).isSameAs(first);
    assertThat(second.key().address() % Long.BYTES).isZero();
    assertThat(second.value().address() % Long.BYTES).isZero();
  }

  @Test
  void anOperationInsideAnotherGetsAPieceOfItsOwn() {
    var outer = pool.take();
    var inner = pool.take();
    var innermost = pool.take();
    assertThat(inner).isNotSameAs(outer).isNotSameAs(innermost);
    assertThat(innermost).isNotSameAs(outer);

    pool.give(innermost);
    pool.give(inner);
    pool.give(outer);
    assertThat(pool.take()).isSameAs(outer);
  }

  @Test
  void noTwoThreadsEverHaveTheSamePiece() throws Exception {
    var begun = new CountDownLatch(THREADS);
    try (var executor = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      var all = new ArrayList<CompletableFuture<?>>();
      for (int i = 0; i < THREADS; i++) {
        all.add(CompletableFuture.runAsync(() -> use(begun), executor));
      }
      for (var one : all) {
        one.get();
      }
    }
  }

  private void use(CountDownLatch begun) {
    begun.countDown();
    try {
      begun.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    for (int round = 0; round < ROUNDS; round++) {
      var outer = marked();
      if (round % 7 == 0) {
        var inner = marked();
        assertThat(inner).isNotSameAs(outer);
        giveUnchanged(inner);
      }
      giveUnchanged(outer);
    }
  }

  private ScratchPool.Scratch marked() {
    var scratch = pool.take();
    scratch.key().set(JAVA_LONG, 0, Thread.currentThread().threadId());
    scratch.value().set(JAVA_LONG, 0, Thread.currentThread().threadId());
    return scratch;
  }

  private void giveUnchanged(ScratchPool.Scratch scratch) {
    Thread.yield();
    long mine = Thread.currentThread().threadId();
    if (scratch.key().get(JAVA_LONG, 0) != mine || scratch.value().get(JAVA_LONG, 0) != mine) {
      throw new AssertionError("another thread has it too");
    }
    pool.give(scratch);
  }
}
