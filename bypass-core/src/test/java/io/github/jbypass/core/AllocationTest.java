// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.jbypass.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@KernelTest
class AllocationTest {
  private static final int OPERATIONS = 20_000;
  private static final int BATCHES = 40; // until the compiler has removed what the interpreter does

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
      long least = Long.MAX_VALUE;
      for (int batch = 0; batch < BATCHES && least > 0; batch++) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < OPERATIONS; i++) {
          map.update(key, value, UpdateMode.ANY);
          map.lookup(key, value);
          map.nextKey(null, next);
          map.nextKey(key, next);
          map.delete(key);
          map.lookup(key, value);
        }
        least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
      }
      assertThat(least).isLessThan(OPERATIONS); // that is: not one object an operation
    }
  }
}
