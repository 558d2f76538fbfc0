// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.jbypass.testing.KernelTest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@KernelTest
@Timeout(60)
class RingBufferTest {
  private static final Duration NOT_AT_ALL = Duration.ZERO;
  private static final Duration LONG = Duration.ofSeconds(30);

  private Producer producer;
  private RingBuffer ring;

  @BeforeEach
  void open() throws IOException {
    producer = new Producer();
    ring = producer.ring();
  }

  @AfterEach
  void close() {
    ring.close();
    producer.close();
  }

  /** Checks that records are as the program writes them, and remembers the last number. */
  private static final class Checker implements RecordConsumer {
    private long last = -1;
    private long records;

    @Override
    public void accept(MemorySegment memory, long offset, int length) {
      long n = memory.get(JAVA_LONG, offset);
      if (n <= last) {
        throw new AssertionError("record " + n + " after " + last);
      }
      if (length != 8 + n % 256) {
        throw new AssertionError("record " + n + " has " + length + " bytes");
      }
      if (length >= 16 && memory.get(JAVA_BYTE, offset + length - 1) != (byte) n) {
        throw new AssertionError("record " + n + " is damaged");
      }
      last = n;
      records++;
    }
  }

  @Test
  void twoMillionRecordsArriveInOrderAndWhole() {
    var checker = new Checker();
    producer.produce(200); // fits, and wraps around every second time
    while (producer.produced() < 2_000_000) {
      assertThat(ring.poll(checker, NOT_AT_ALL)).isEqualTo(200);
      producer.run();
    }
    ring.poll(checker, NOT_AT_ALL);

    assertThat(checker.records).isEqualTo(producer.produced());
    assertThat(checker.last).isEqualTo(producer.produced() - 1);
    assertThat(ring.dropped()).hasValue(0);
    assertThat(ring.pendingBytes()).isZero();
  }

  @Test
  void aConsumerBesideTheProducerSeesWhatWasNotDropped() throws Exception {
    var checker = new Checker();
    var ended = new AtomicBoolean();
    var consumer =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!ended.get()) {
                    ring.poll(checker, LONG);
                  }
                });
    producer.produce(Producer.MOST_RECORDS); // more than fits
    while (producer.produced() < 1_000_000) {
      producer.run();
    }
    ended.set(true);
    ring.wakeup();
    consumer.join();
    ring.poll(checker, NOT_AT_ALL);

    long dropped = ring.dropped().orElseThrow();
    assertThat(checker.records + dropped).isEqualTo(producer.produced());
    assertThat(checker.records).isPositive();
    assertThat(dropped).isPositive();
  }

  @Test
  void discardedRecordsAreSkippedAndTheirSpaceIsFreed() {
    producer.discardingOneOf(3);
    var checker = new Checker();
    for (int i = 0; i < 1000; i++) {
      producer.produce(150);
      assertThat(ring.poll(checker, NOT_AT_ALL)).isEqualTo(100);
    }

    assertThat(ring.pendingBytes()).isZero();
    assertThat(ring.dropped()).hasValue(0);
  }

  @Test
  void aRingOfDiscardedRecordsIsWaitedOn() {
    producer.discardingOneOf(1).produce(10);
    assertThat(ring.pendingBytes()).isEqualTo(10 * 32);

    assertThat(ring.poll(new Checker(), Duration.ofMillis(20))).isZero();
    assertThat(ring.pendingBytes()).isZero();
  }

  @Test
  void aConsumerThatIsSlowSeesTheRingFillUpAndTheDropsCounted() {
    assertThat(ring.capacity()).isEqualTo(1 << 16);
    assertThat(ring.pendingBytes()).isZero();

    producer.produce(1);
    assertThat(ring.pendingBytes()).isEqualTo(16);

    producer.produce(Producer.MOST_RECORDS);
    producer.run();
    long dropped = ring.dropped().orElseThrow();
    assertThat(ring.pendingBytes()).isBetween((1 << 16) - 272, 1 << 16);
    assertThat(dropped).isPositive();

    assertThat(ring.poll(new Checker(), NOT_AT_ALL))
        .isEqualTo((int) (producer.produced() - dropped));
    assertThat(ring.pendingBytes()).isZero();
  }

  @Test
  void spaceGoesBackToTheProgramsWhileAPollGoesOn() {
    producer.produce(200);
    int all = ring.pendingBytes();
    var begin = new AtomicLong(-1);

    ring.poll(
        (_, offset, _) -> {
          begin.compareAndSet(-1, offset);
          long left = all - (offset - begin.get());
          assertThat(ring.pendingBytes()).isBetween((int) left, (int) left + 511);
        },
        NOT_AT_ALL);
    assertThat(ring.pendingBytes()).isZero();
  }

  @Test
  void aMapWithoutACounterHasNone() {
    try (var second = producer.second()) {
      assertThat(second.dropped()).isEmpty();
    }
    ring.close();
    ring = RingBuffer.open(producer.object().map("ring"));
    assertThat(ring.dropped()).isEmpty();
  }

  @Test
  void withoutRecordsAPollLastsUntilItsTimeIsOver() {
    long begin = System.nanoTime();
    assertThat(ring.poll(new Checker(), Duration.ofMillis(50))).isZero();
    assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(50_000_000);

    assertThat(ring.poll(new Checker(), Duration.ofSeconds(-1))).isZero();
  }

  @Test
  void aRecordEndsTheWait() throws Exception {
    var checker = new Checker();
    var polling = polling(() -> assertThat(ring.poll(checker, LONG)).isEqualTo(1));
    producer.produce(1);
    polling.join();

    assertThat(checker.records).isEqualTo(1);
  }

  @Test
  void aWakeUpEndsTheWaitOrTheNextOne() throws Exception {
    var polling = polling(() -> assertThat(ring.poll(new Checker(), LONG)).isZero());
    ring.wakeup();
    polling.join();

    ring.wakeup();
    assertThat(ring.poll(new Checker(), LONG)).isZero();
    assertThat(ring.poll(new Checker(), Duration.ofMillis(1))).isZero();
  }

  @Test
  void closingEndsTheWait() throws Exception {
    var polling = polling(() -> assertThat(ring.poll(new Checker(), LONG)).isZero());
    ring.close();
    ring.close();
    polling.join();

    assertThatIllegalStateException()
        .isThrownBy(() -> ring.poll(new Checker(), NOT_AT_ALL))
        .withMessage("ring buffer ring is closed");
    assertThatIllegalStateException().isThrownBy(ring::pendingBytes);
    assertThatIllegalStateException().isThrownBy(ring::wakeup);
  }

  @Test
  void aRecordThatWasKeptPastTheCloseCannotBeReadAnyMore() {
    var kept = new ArrayList<MemorySegment>();
    producer.produce(1);
    ring.poll((memory, offset, length) -> kept.add(memory.asSlice(offset, length)), NOT_AT_ALL);
    assertThat(kept.getFirst().get(JAVA_LONG, 0)).isZero();
    assertThat(kept.getFirst().isReadOnly()).isTrue();

    ring.close();
    assertThatIllegalStateException().isThrownBy(() -> kept.getFirst().get(JAVA_BYTE, 0));
  }

  @Test
  void aConsumerMayCloseTheRingThatItConsumesFrom() {
    producer.produce(3);
    var numbers = new ArrayList<Long>();
    ring.poll(
        (memory, offset, _) -> {
          ring.close();
          numbers.add(memory.get(JAVA_LONG, offset));
        },
        NOT_AT_ALL);

    assertThat(numbers).containsExactly(0L, 1L, 2L);
  }

  @Test
  void theRingOutlivesItsObject() {
    producer.produce(2);
    producer.object().close();

    assertThat(ring.poll(new Checker(), NOT_AT_ALL)).isEqualTo(2);
  }

  @Test
  void aRecordWhoseConsumerThrowsCountsAsConsumed() {
    producer.produce(3);
    var numbers = new ArrayList<Long>();
    RecordConsumer clumsy =
        (memory, offset, _) -> {
          long n = memory.get(JAVA_LONG, offset);
          if (n == 1) {
            throw new IllegalArgumentException("record 1");
          }
          numbers.add(n);
        };
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ring.poll(clumsy, NOT_AT_ALL))
        .withMessage("record 1");

    assertThat(ring.poll(clumsy, NOT_AT_ALL)).isEqualTo(1);
    assertThat(numbers).containsExactly(0L, 2L);
  }

  @Test
  void twoConsumersAtATimeAreRefused() throws Exception {
    var polling = polling(() -> ring.poll(new Checker(), LONG));
    assertThatIllegalStateException()
        .isThrownBy(() -> ring.poll(new Checker(), NOT_AT_ALL))
        .withMessageContaining("ring buffer ring is being consumed");
    ring.wakeup();
    polling.join();

    producer.produce(1);
    assertThatIllegalStateException()
        .isThrownBy(() -> ring.poll((_, _, _) -> ring.poll(new Checker(), NOT_AT_ALL), NOT_AT_ALL));
    assertThat(ring.poll(new Checker(), NOT_AT_ALL)).isZero();
  }

  @Test
  void aSuccessorGoesOnWhereTheLastConsumerEnded() {
    producer.produce(5);
    ring.poll(new Checker(), NOT_AT_ALL);
    producer.produce(2);
    ring.close();
    ring = producer.ring();

    var checker = new Checker();
    assertThat(ring.poll(checker, NOT_AT_ALL)).isEqualTo(2);
    assertThat(checker.last).isEqualTo(6);
  }

  @Test
  void onlyRingBufferMapsAreConsumed() {
    try (var object = Fixture.load()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RingBuffer.open(object, "numbers"))
          .withMessage("map numbers is a HASH, not a RINGBUF");
      assertThatIllegalArgumentException().isThrownBy(() -> RingBuffer.open(object, "ring"));
      var map = producer.object().map("ring");
      producer.object().close();
      assertThatIllegalStateException().isThrownBy(() -> RingBuffer.open(map));
    }
  }

  @Test
  void aPollerConsumesFromSeveralRings() {
    producer.alsoToSecond();
    try (var second = producer.second();
        var poller = new RingBufferPoller()) {
      var checker = new Checker();
      var others = new ArrayList<Long>();
      poller.add(ring, checker);
      poller.add(second, (memory, offset, _) -> others.add(memory.get(JAVA_LONG, offset)));
      assertThat(poller.poll(NOT_AT_ALL)).isZero();
      producer.produce(3);
      assertThat(poller.poll(LONG)).isEqualTo(4);

      assertThat(checker.records).isEqualTo(3);
      assertThat(others).containsExactly(3L);
    }
  }

  @Test
  void aPollerIsWokenByRecordsOfAnyRingByWakeUpsAndByClosing() throws Exception {
    var poller = new RingBufferPoller();
    try (var second = producer.second()) {
      poller.add(second, (_, _, _) -> {}).add(ring, new Checker()).poll(NOT_AT_ALL);
      var polling = polling(() -> assertThat(poller.poll(LONG)).isEqualTo(1));
      producer.produce(1);
      polling.join();
      for (Runnable wakeup : List.<Runnable>of(poller::wakeup, ring::wakeup, ring::close)) {
        polling = polling(() -> assertThat(poller.poll(LONG)).isZero());
        wakeup.run();
        polling.join();
      }
      producer.alsoToSecond().produce(1);
      assertThat(poller.poll(LONG)).isEqualTo(1); // of the ring that is open

      polling = polling(() -> assertThat(poller.poll(LONG)).isZero());
      poller.close();
      polling.join();
      assertThatIllegalStateException().isThrownBy(() -> poller.poll(NOT_AT_ALL));
    } finally {
      poller.close();
    }
  }

  @Test
  void aRingIsConsumedByOnePollerOnly() throws Exception {
    try (var poller = new RingBufferPoller();
        var other = new RingBufferPoller()) {
      poller.add(ring, new Checker()).poll(NOT_AT_ALL);
      other.add(ring, new Checker()).poll(NOT_AT_ALL);
      assertThatIllegalArgumentException().isThrownBy(() -> poller.add(ring, new Checker()));

      var polling = polling(() -> poller.poll(LONG));
      assertThatIllegalStateException().isThrownBy(() -> poller.poll(NOT_AT_ALL));
      assertThatIllegalStateException().isThrownBy(() -> other.poll(NOT_AT_ALL));
      assertThatIllegalStateException()
          .isThrownBy(() -> ring.poll(new Checker(), NOT_AT_ALL))
          .withMessageContaining("is being consumed");
      poller.wakeup();
      polling.join();
      assertThat(other.poll(NOT_AT_ALL)).isZero();
    }
  }

  /** A thread that has got as far as waiting in the kernel; its failures come out of join. */
  private static Polling polling(Runnable poll) throws InterruptedException {
    var polling = new Polling(poll);
    polling.begun.await();
    Thread.sleep(50);
    return polling;
  }

  private static final class Polling {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final List<Throwable> failures = new ArrayList<>();
    private final Thread thread;

    Polling(Runnable poll) {
      thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    begun.countDown();
                    try {
                      poll.run();
                    } catch (Throwable t) {
                      failures.add(t);
                    }
                  });
    }

    void join() throws InterruptedException {
      assertThat(thread.join(Duration.ofSeconds(10))).as("the poll has ended").isTrue();
      assertThat(failures).isEmpty();
    }
  }
}
