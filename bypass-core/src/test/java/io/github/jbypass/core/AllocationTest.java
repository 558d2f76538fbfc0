// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.jbypass.core.typed.BigEndian;
import io.github.jbypass.core.typed.LongMap;
import io.github.jbypass.core.typed.RecordCodec;
import io.github.jbypass.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@KernelTest
class AllocationTest {
  private static final int OPERATIONS = 20_000;
  private static final int BATCHES = 40; // until the compiler has removed what the interpreter does

  private static final int READ_ENTRIES = 4 * OPERATIONS * (BATCHES + 1);

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void recordsOfARingBufferAllocateNothing() throws Exception {
    try (var producer = new Producer();
        var ring = producer.ring();
        var poller = new RingBufferPoller()) {
      var sum = new long[1];
      RecordConsumer consumer = (memory, offset, _) -> sum[0] += memory.get(JAVA_LONG, offset);
      poller.add(ring, consumer);
      producer.produce(200);
      ring.poll(consumer, Duration.ZERO);
      long least = Long.MAX_VALUE;
      for (int batch = 0; batch < BATCHES && least > 0; batch++) {
        long used = 0;
        for (int i = 0; i < OPERATIONS / 100; i++) {
          producer.run();
          long before = THREADS.getCurrentThreadAllocatedBytes();
          int records =
              i % 2 == 0
                  ? ring.poll(consumer, Duration.ZERO)
                  : poller.poll(Duration.ZERO) + ring.pendingBytes();
          used += THREADS.getCurrentThreadAllocatedBytes() - before;
          assertThat(records).isEqualTo(200);
        }
        least = Math.min(least, used);
      }
      assertThat(least).isZero();
    }
  }

  @Test
  void mapOperationsAllocateNothing() {
    try (var object = Fixture.load();
        var arena = Arena.ofConfined()) {
      var map = object.map("numbers");
      var key = arena.allocate(JAVA_INT);
      var next = arena.allocate(JAVA_INT);
      var value = arena.allocate(JAVA_LONG);
      assertAllocatesNothing(
          () -> {
            map.update(key, value, UpdateMode.ANY);
            map.tryUpdate(key, value, UpdateMode.NO_EXIST);
            map.lookup(key, value);
            map.nextKey(null, next);
            map.nextKey(key, next);
            map.delete(key);
            map.lookup(key, value);
            map.lookupAndDelete(key, value);
          });
    }
  }

  @Test
  void batchesAllocateNothing() {
    try (var map = TestMaps.hash(64);
        var array = BpfMap.create(new BpfMapSpec("long", MapType.ARRAY, 4, 8, READ_ENTRIES));
        var arena = Arena.ofConfined()) {
      var keys = arena.allocate(JAVA_INT, 8);
      var values = arena.allocate(JAVA_LONG, 8);
      for (int i = 0; i < 8; i++) {
        keys.setAtIndex(JAVA_INT, i, i);
      }
      assertAllocatesNothing(
          () -> {
            map.updateBatch(keys, values, 8);
            map.deleteBatch(keys, 8);
          });
      var cursor = array.lookupBatches(arena, 4); // enough entries for every call
      assertAllocatesNothing(cursor::next);
      assertThat(cursor.count()).isEqualTo(4);
      assertAllocatesNothing(() -> cursor.rewind().next());
      assertThat(cursor.count()).isEqualTo(4);
    }
  }

  @Test
  void queuesAndMappedNumbersAllocateNothing() {
    var counters = new BpfMapSpec("counters", MapType.ARRAY, 4, 8, 4).with(MapFlag.MMAPABLE);
    try (var queue = TestMaps.create(MapType.QUEUE);
        var array = BpfMap.create(counters);
        var mapped = array.mapped(MappedArray.Access.READ_WRITE);
        var percpu = TestMaps.create(MapType.PERCPU_ARRAY);
        var arena = Arena.ofConfined()) {
      var value = arena.allocate(JAVA_LONG);
      var key = arena.allocate(JAVA_INT);
      var numbers = mapped.longs();
      var cpus = percpu.perCpu(arena);
      assertAllocatesNothing(
          () -> {
            queue.push(value);
            queue.peek(value);
            queue.pop(value);
            numbers.getAndAdd(1, numbers.getVolatile(0) + 1);
            numbers.setRelease(0, numbers.sum());
            percpu.lookup(key, cpus.values());
            numbers.setOpaque(2, cpus.sumLongs(0));
          });
    }
  }

  @Test
  void mapsOfNumbersAllocateNothing() {
    try (var hash = TestMaps.hash(64)) {
      var map = LongMap.of(hash);
      assertAllocatesNothing(
          () -> {
            map.put(1, map.get(1, 0) + 1);
            map.putIfAbsent(2, 1);
            map.replace(2, 1);
            map.getAndRemove(2, 0);
            map.contains(2);
            map.remove(1);
          });
    }
  }

  /** {@code struct tally} of maps.bpf.c. */
  record Tally(long bytes, @BigEndian int address, char port, boolean open) {}

  @Test
  void recordsOfNumbersAreWrittenWithoutAllocationAndReadWithOneObject() {
    try (var spec = Fixture.open("maps");
        var arena = Arena.ofConfined()) {
      var codec = RecordCodec.of(MethodHandles.lookup(), Tally.class, spec.btf().struct("tally"));
      var memory = arena.allocate(codec.size());
      var tally = new Tally(1 << 20, 0x7f000001, (char) 443, true);
      assertAllocatesNothing(() -> codec.write(tally, memory, 0));

      assertThat(leastAllocated(() -> codec.read(memory, 0))).isLessThan(40);
      assertThat(codec.read(memory, 0)).isEqualTo(tally);
    }
  }

  @Test
  void visitingNumbersAllocatesNothingForAnEntry() {
    try (var hash = TestMaps.hash(OPERATIONS)) {
      var map = LongMap.of(hash);
      for (int i = 0; i < OPERATIONS; i++) {
        map.put(i, i);
      }
      long[] sum = {0};
      long least = Long.MAX_VALUE;
      for (int batch = 0; batch < BATCHES && least >= OPERATIONS; batch++) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        map.forEach((_, value) -> sum[0] += value);
        least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
      }
      assertThat(least).isLessThan(OPERATIONS);
      assertThat(sum[0] % (OPERATIONS * (OPERATIONS - 1L) / 2)).isZero();
    }
  }

  private static void assertAllocatesNothing(Runnable operations) {
    assertThat(leastAllocated(operations)).isLessThan(1); // that is: not one object an operation
  }

  /** Bytes for each run, once everything is compiled. */
  private static double leastAllocated(Runnable operations) {
    long least = Long.MAX_VALUE;
    for (int batch = 0; batch < BATCHES && least >= OPERATIONS; batch++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < OPERATIONS; i++) {
        operations.run();
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least / (double) OPERATIONS;
  }
}
