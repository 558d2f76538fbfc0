// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.internal.LibC;
import io.github.jbypass.core.internal.Readiness;
import io.github.jbypass.core.internal.RingMemory;
import io.github.jbypass.core.internal.Wakeup;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The consumer's end of a ring buffer map, by which programs send records to user space in order,
 * whichever CPU they run on. Records are read where the programs wrote them: no system call, no
 * copy and no allocation for a record, and none at all while records keep coming.
 *
 * {@snippet :
 * try (var ring = RingBuffer.open(object, "events")) {
 *   int records =
 *       ring.poll(
 *           (memory, offset, _) -> seen.add(codec.read(memory, offset)), Duration.ofSeconds(1));
 *   System.out.println(records + " records, " + ring.dropped().orElse(0) + " dropped");
 * }
 * }
 *
 * <p>A slow consumer holds nobody up: when the ring is full, the program's {@code
 * bpf_ringbuf_reserve} fails. {@link #pendingBytes} tells how near that is. A program that counts
 * its failures in a global {@code __u64} named like the map with {@code _dropped} behind it has
 * them read by {@link #dropped}.
 *
 * <p>Thread-safe, but consuming is for one thread at a time: another one is told so by an {@link
 * IllegalStateException}. The kernel knows a single consumer of the map too: no other {@code
 * RingBuffer}, in this process or another, may consume from it meanwhile. Closing it ends a poll
 * that waits; later calls throw {@link IllegalStateException}. It does not depend on the object
 * that the map came from, which may be closed first.
 *
 * <p>Kernel 5.8.
 */
public final class RingBuffer implements AutoCloseable {
  private static final VarHandle LONG = JAVA_LONG.varHandle();
  private static final String DROPPED = "_dropped";

  private static final int BUSY = 1 << 31;
  private static final int DISCARDED = 1 << 30;
  private static final int HEADER_SIZE = 8;

  /** So many bytes of records give their space back at once. */
  private static final int GIVEN = 512;

  private final String name;
  private final RingMemory memory;
  private final @Nullable MemorySegment dropped;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment scratch = arena.allocate(JAVA_LONG);
  private final Readiness readiness;
  private final AtomicBoolean consuming = new AtomicBoolean();

  private RingBuffer(String name, RingMemory memory, @Nullable MemorySegment dropped) {
    this.name = name;
    this.memory = memory;
    this.dropped = dropped;
    readiness = new Readiness(arena, memory.descriptor(), memory.waker());
  }

  /**
   * Begins where the last consumer of the map ended; if that was killed inside a poll, the last
   * records that it took come again, at most 512 bytes of them.
   *
   * @param object the loaded object; closing it does not close the ring buffer
   * @param map name of its ring buffer map
   * @return the ring buffer, to be closed
   * @throws IllegalArgumentException if there is none of that name, or of another type
   * @throws BpfException if the kernel does not let it be mapped
   */
  public static RingBuffer open(LoadedObject object, String map) {
    var variable = map + DROPPED;
    boolean counted = object.btf().variables().containsKey(variable);
    return open(object.map(map), counted ? object.global(variable) : null);
  }

  /**
   * {@return the same for a map without a counter of dropped records}
   *
   * @param map a map of type RINGBUF
   */
  public static RingBuffer open(BpfMap map) {
    return open(map, null);
  }

  private static RingBuffer open(BpfMap map, @Nullable MemorySegment dropped) {
    if (map.type() != MapType.RINGBUF) {
      throw new IllegalArgumentException(map + " is a " + map.type() + ", not a RINGBUF");
    }
    var name = "ring buffer " + map.name();
    var memory = create(map, name);
    try {
      Failure.check("map the memory of", name, memory.map());
      return new RingBuffer(name, memory, dropped);
    } catch (Throwable t) {
      memory.close();
      throw t;
    }
  }

  /** With descriptors of its own. */
  private static RingMemory create(BpfMap map, String name) {
    map.owner().acquire();
    int copy;
    try {
      copy = Failure.check("duplicate the descriptor of", name, LibC.duplicate(map.fd()));
    } finally {
      map.owner().release();
    }
    int waker = Wakeup.create();
    var memory = new RingMemory(copy, waker, map.maxEntries(), name);
    if (waker < 0) {
      memory.close();
    }
    Failure.check("make an eventfd for", name, waker);
    return memory;
  }

  /**
   * {@return how many bytes the ring holds; each record takes eight more than its own, rounded up
   * to 8}
   */
  public int capacity() {
    return memory.size();
  }

  /**
   * {@return how many bytes of {@link #capacity} are taken by records that were not consumed yet:
   * complete, discarded, or still being written} During a poll it may lag behind, by up to 511
   * bytes that were. Where a record no longer fits, it is dropped.
   */
  public int pendingBytes() {
    memory.acquire();
    try {
      long consumed = memory.consumed(); // first: the producers' position is never behind it
      return (int) Math.min(memory.produced() - consumed, memory.size());
    } finally {
      memory.release();
    }
  }

  /**
   * {@return how many records the programs could not send because the ring was full; empty if they
   * don't count them as the class says} Since the object was loaded, whoever consumed.
   *
   * @throws IllegalStateException if the object is closed
   */
  public OptionalLong dropped() {
    return dropped == null
        ? OptionalLong.empty()
        : OptionalLong.of((long) LONG.getOpaque(dropped, 0L));
  }

  /**
   * Consumes the records that are there; if there are none, waits for some. It does not go on for
   * as long as programs go on producing: to consume everything, poll in a loop.
   *
   * <p>Waiting occupies a platform thread, and interrupting it has no effect: {@link #wakeup} does.
   *
   * @param consumer called for each record, in the order in which programs reserved them
   * @param timeout how long to wait at most; zero or less to look only
   * @return how many records were consumed, 0 if the wait ended without any
   * @throws IllegalStateException if another thread is consuming, or the consumer itself polls
   */
  public int poll(RecordConsumer consumer, Duration timeout) {
    long deadline = deadline(timeout);
    begin();
    try {
      int records = consume(consumer);
      while (records == 0 && await(deadline)) {
        records = consume(consumer);
      }
      return records;
    } finally {
      end();
    }
  }

  /** Ends the wait of a poll, or lets the next one not wait. */
  public void wakeup() {
    memory.acquire();
    try {
      memory.wake();
    } finally {
      memory.release();
    }
  }

  /** Releases the memory, once a poll that is under way has ended. Idempotent. */
  @Override
  public void close() {
    if (memory.tryAcquire()) {
      memory.close();
      memory.wake();
      memory.release();
    }
  }

  @Override
  public String toString() {
    return name;
  }

  /** Whether there may be something to consume; false if the time is over or a wake-up came. */
  private boolean await(long deadline) {
    long left = deadline - System.nanoTime();
    if (left <= 0 || memory.isClosed()) {
      return false;
    }
    Failure.check("wait for", name, readiness.await(left));
    if (readiness.isReady(1)) {
      Wakeup.clear(memory.waker(), scratch);
      return false;
    }
    return true;
  }

  /**
   * In the time of {@link System#nanoTime}. Decades are as good as for ever, and can't overflow.
   */
  static long deadline(Duration timeout) {
    long nanoseconds = Math.clamp(timeout.getSeconds(), -1, Integer.MAX_VALUE) * 1_000_000_000L;
    return System.nanoTime() + nanoseconds + timeout.getNano();
  }

  /** Makes the caller the consumer until {@link #end}. */
  private void begin() {
    if (!tryBegin()) {
      memory.acquire(); // says that it is closed
    }
  }

  /** As above, but says false if the ring buffer is closed. */
  boolean tryBegin() {
    if (!memory.tryAcquire()) {
      return false;
    }
    if (!consuming.compareAndSet(false, true)) {
      memory.release();
      throw new IllegalStateException(
          name + " is being consumed: it takes one thread at a time, and no poll inside a poll");
    }
    return true;
  }

  void end() {
    consuming.set(false);
    memory.release();
  }

  /** Consumes what was there when it began; how many records that were. */
  int consume(RecordConsumer consumer) {
    var data = memory.data();
    long mask = memory.size() - 1L;
    long position = memory.consumed();
    long end = memory.produced();
    long given = position;
    int records = 0;
    try {
      while (position < end) {
        long offset = position & mask;
        int header = memory.header(offset);
        if ((header & BUSY) != 0) {
          Thread.yield(); // some program is just writing it
          break;
        }
        int length = header & ~DISCARDED;
        position += (HEADER_SIZE + length + 7L) & ~7L;
        if ((header & DISCARDED) == 0) {
          records++;
          consumer.accept(data, offset + HEADER_SIZE, length);
        }
        if (position - given >= GIVEN) {
          memory.consumed(position);
          given = position;
        }
      }
    } finally {
      memory.consumed(position);
    }
    return records;
  }

  RingMemory memory() {
    return memory;
  }
}
