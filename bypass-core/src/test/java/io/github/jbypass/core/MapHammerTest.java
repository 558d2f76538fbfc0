// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Sixty-four threads use a map while it is closed under them and other maps take over the numbers
 * of its descriptors. Every map holds its own generation as value, and nobody else's: an operation
 * on a wrong descriptor would show.
 */
@KernelTest
@Timeout(120)
class MapHammerTest {
  private static final int THREADS = 64;
  private static final int GENERATIONS = 8;
  private static final int HAMMERING_MILLIS = 200;
  private static final int ENTRIES = 16;

  /** A map and what it holds. */
  private record Target(BpfMap map, MappedArray mapped, long generation) {
    static Target create(long generation, Arena arena) {
      var map =
          BpfMap.create(
              new BpfMapSpec("hammered", MapType.ARRAY, 4, 8, ENTRIES).with(MapFlag.MMAPABLE));
      var key = arena.allocate(JAVA_INT);
      for (int i = 0; i < ENTRIES; i++) {
        key.set(JAVA_INT, 0, i);
        map.update(key, arena.allocateFrom(JAVA_LONG, generation), UpdateMode.ANY);
      }
      return new Target(map, map.mapped(MappedArray.Access.READ_WRITE), generation);
    }
  }

  @Test
  void anOperationSucceedsOnItsMapOrSaysThatItIsClosed() throws Exception {
    var stop = new AtomicBoolean();
    try (var threads = Executors.newFixedThreadPool(THREADS + 1);
        var arena = Arena.ofShared()) {
      var others = threads.submit(() -> openAndCloseOthers(stop));
      try {
        for (int generation = 1; generation <= GENERATIONS; generation++) {
          hammer(Target.create(generation, arena), threads::submit);
        }
      } finally {
        stop.set(true);
      }
      assertThat(others.get()).isPositive();
    }
  }

  /** How work is started. */
  private interface Starter {
    Future<Long> start(Callable<Long> work);
  }

  private static void hammer(Target target, Starter starter) throws Exception {
    var started = new CountDownLatch(THREADS);
    var go = new CountDownLatch(1);
    List<Future<Long>> work = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int number = i;
      work.add(starter.start(() -> useUntilClosed(target, number, started, go)));
    }
    started.await();
    go.countDown();
    Thread.sleep(HAMMERING_MILLIS);
    target.map.close();
    target.mapped.close();
    long total = 0;
    for (var operations : work) {
      total += operations.get();
    }
    assertThat(total).isGreaterThan(THREADS);
  }

  /** Counts operations that succeeded; any other end than ISE on a closed handle fails the test. */
  private static long useUntilClosed(
      Target target, int number, CountDownLatch started, CountDownLatch go)
      throws InterruptedException {
    long operations = 0;
    try (var arena = Arena.ofConfined()) {
      var use = use(target, number, arena);
      use.run();
      started.countDown();
      go.await(); // sixty-four busy threads would keep each other from starting for seconds
      try {
        while (true) {
          use.run();
          operations++;
        }
      } catch (IllegalStateException e) {
        return operations;
      }
    }
  }

  private static Runnable use(Target target, int number, Arena arena) {
    var map = target.map;
    var key = arena.allocateFrom(JAVA_INT, number % ENTRIES);
    var value = arena.allocateFrom(JAVA_LONG, target.generation);
    var keys = arena.allocate(JAVA_INT, 2);
    var values = arena.allocate(JAVA_LONG, 2);
    values.setAtIndex(JAVA_LONG, 0, target.generation);
    values.setAtIndex(JAVA_LONG, 1, target.generation);
    return switch (number % 8) {
      case 0 ->
          () -> {
            assertThat(map.lookup(key, value)).isTrue();
            checkOwn(target, value);
          };
      case 1 -> () -> map.update(key, value, UpdateMode.ANY);
      case 2 -> () -> map.updateBatch(keys, values, 2);
      case 3 ->
          () -> {
            try (var batch = Arena.ofConfined()) {
              var cursor = map.lookupBatches(batch, ENTRIES);
              assertThat(cursor.next()).isTrue();
              checkOwn(target, cursor.value(0));
            }
          };
      case 4 -> () -> assertThat(map.nextKey(null, key)).isTrue();
      case 5 -> () -> assertThat(map.info().maxEntries()).isEqualTo(ENTRIES);
      case 6 -> () -> map.forEach((_, found) -> checkOwn(target, found));
      default -> {
        var numbers = target.mapped.longs();
        yield () -> assertThat(numbers.getVolatile(3)).isEqualTo(target.generation);
      }
    };
  }

  private static void checkOwn(Target target, MemorySegment value) {
    assertThat(value.get(JAVA_LONG, 0)).isEqualTo(target.generation);
  }

  /** Takes the numbers of descriptors that become free; nobody may write these maps. */
  private static int openAndCloseOthers(AtomicBoolean stop) {
    int rounds = 0;
    var spec = new BpfMapSpec("bystander", MapType.ARRAY, 4, 8, ENTRIES);
    try (var arena = Arena.ofConfined()) {
      var key = arena.allocateFrom(JAVA_INT, 0);
      var value = arena.allocate(JAVA_LONG);
      var last = new AtomicReference<BpfMap>();
      for (; !stop.get(); rounds++) {
        var map = BpfMap.create(spec);
        var before = last.getAndSet(map);
        if (before != null) {
          for (int i = 0; i < ENTRIES; i++) {
            key.set(JAVA_INT, 0, i);
            assertThat(before.lookup(key, value)).isTrue();
            assertThat(value.get(JAVA_LONG, 0)).isZero();
          }
          before.close();
        }
      }
      last.get().close();
    }
    return rounds;
  }

  @Test
  void howeverManyCloseItIsClosedOnce() throws Exception {
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      for (int round = 0; round < 20; round++) {
        var map = TestMaps.hash(1);
        var start = new CountDownLatch(1);
        List<Future<?>> closers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          closers.add(
              threads.submit(
                  () -> {
                    start.await();
                    map.close();
                    return null;
                  }));
        }
        start.countDown();
        try (var next = TestMaps.hash(1)) { // may get the number: must survive the other closers
          for (var closer : closers) {
            closer.get();
          }
          assertThat(next.info().maxEntries()).isEqualTo(1);
        }
      }
    }
  }
}
