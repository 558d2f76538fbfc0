// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.RecordConsumer;
import io.github.jbypass.core.RingBuffer;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import me.bechberger.ebpf.bpf.raw.Lib;
import me.bechberger.ebpf.bpf.raw.LibraryLoader;
import me.bechberger.ebpf.bpf.raw.ring_buffer_sample_fn;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Consumes records of 16 bytes that a program wrote; producing them is not measured. */
@State(Scope.Thread)
public class RingConsume {
  private static final int RECORDS_PER_RUN = 64; // as in records.bpf.c
  private static final int RUNS = 256;
  static final int OPERATIONS = RECORDS_PER_RUN * RUNS;

  private final byte[] packet = new byte[14];
  private BpfObject object;
  private BpfProgram producer;
  private RingBuffer ring;
  private int fd;
  private MemorySegment ringInC;
  private MemorySegment ringInRawbpf;
  private Arena arena;
  private long total;

  /** The program that writes the records. */
  static @Nullable InputStream object() {
    return RingConsume.class.getResourceAsStream("/bpf/records.bpf.o");
  }

  /** Loads the program, and opens the ring in every way. */
  @Setup
  public void open() {
    LibraryLoader.load();
    object = BpfObjectSpec.open("records", object()).load();
    producer = object.program("produce");
    ring = RingBuffer.open(object, "ring");
    fd = CLoops.openMap(object.map("ring").info().id());
    ringInC = CLoops.openRing(fd);
    arena = Arena.ofConfined();
    var add = ring_buffer_sample_fn.allocate(this::add, arena);
    ringInRawbpf = Lib.ring_buffer__new(fd, add, MemorySegment.NULL, MemorySegment.NULL);
    if (ringInRawbpf.address() == 0) {
      throw new IllegalStateException("ring_buffer__new failed");
    }
  }

  @SuppressWarnings("restricted") // libbpf says how long the record is
  private int add(MemorySegment context, MemorySegment record, long size) {
    total += record.reinterpret(size).get(JAVA_LONG, 0);
    return 0;
  }

  /** Has the program write the records. */
  @Setup(Level.Invocation)
  public void produce() {
    producer.testRun(packet, new byte[0], RUNS);
  }

  /** Frees all of it. */
  @TearDown
  public void close() {
    Lib.ring_buffer__free(ringInRawbpf);
    arena.close();
    CLoops.closeRing(ringInC);
    CLoops.close(fd);
    Expect.that(ring.dropped().orElse(-1), 0, "dropped records");
    ring.close();
    object.close();
  }

  /** {@code RingBuffer.poll}. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long memory() {
    total = 0;
    RecordConsumer consumer = (memory, offset, _) -> total += memory.get(JAVA_LONG, offset);
    Expect.that(ring.poll(consumer, Duration.ZERO), OPERATIONS, "records");
    return complete(total);
  }

  /** {@code ring_buffer__consume} in C. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long c() {
    return complete(CLoops.consumeRing(ringInC));
  }

  /** The same function through rawbpf, which calls back into Java for each record. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long rawbpf() {
    total = 0;
    Expect.that(Lib.ring_buffer__consume(ringInRawbpf), OPERATIONS, "records");
    return complete(total);
  }

  private static long complete(long sum) {
    return Expect.that(
        sum, RUNS * (RECORDS_PER_RUN * (RECORDS_PER_RUN - 1L) / 2), "the sum of all records");
  }
}
