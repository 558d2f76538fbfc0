// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Traffic of random sizes in both directions of many connections at once, each byte verified on
 * arrival. A writer ends its direction with a half-close, a reader with the end of the stream.
 */
public final class Traffic implements AutoCloseable {
  private static final long STACK_BYTES = 256 << 10;
  private static final int READ_BYTES = 64 << 10;

  private final List<Pair> pairs;
  private final Shape shape;
  private final AtomicLong messages = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  private Traffic(List<Pair> pairs, Shape shape) {
    this.pairs = pairs;
    this.shape = shape;
  }

  /**
   * How the traffic looks.
   *
   * @param messages how many each direction of a connection sends
   * @param maxBytes the size of the largest message
   * @param writerPauses the chance of a writer to pause after a message
   * @param readerPauses the chance of a reader to pause after a read
   */
  public record Shape(long messages, int maxBytes, double writerPauses, double readerPauses) {
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(3);

    /** That many messages as fast as they go. */
    public static Shape of(long messages, int maxBytes) {
      return new Shape(messages, maxBytes, 0, 0);
    }

    /** Goes on until {@link Traffic#stop}, leaving the processor time for others. */
    public static Shape endless() {
      return new Shape(Long.MAX_VALUE, 4 << 10, 0.2, 0.05);
    }

    public Shape withPausingReaders(double chance) {
      return new Shape(messages, maxBytes, writerPauses, chance);
    }

    public Shape withPausingWriters(double chance) {
      return new Shape(messages, maxBytes, chance, readerPauses);
    }

    private static void mayPause(Random random, double chance) {
      if (chance > 0 && random.nextDouble() < chance) {
        Eventually.pause(Duration.ofNanos(random.nextLong(LONGEST_PAUSE.toNanos())));
      }
    }
  }

  /** Starts both directions of all connections. */
  public static Traffic start(List<Pair> pairs, Shape shape) {
    Traffic traffic = new Traffic(List.copyOf(pairs), shape);
    for (int i = 0; i < pairs.size(); i++) {
      Pair pair = pairs.get(i);
      traffic.direction(pair.client(), pair.server(), 2L * i, pair + " to the server");
      traffic.direction(pair.server(), pair.client(), 2L * i + 1, pair + " to the client");
    }
    traffic.threads.forEach(Thread::start);
    return traffic;
  }

  private void direction(PosixSocket from, PosixSocket to, long seed, String name) {
    Content content = new Content(seed * 0x5DEECE66DL + 1);
    AtomicLong sent = new AtomicLong(-1);
    Runnable write = () -> sent.set(write(from, content, new Random(seed)));
    Thread writer = thread(name + ", writer", write);
    threads.add(writer);
    threads.add(
        thread(
            name + ", reader",
            () -> {
              long received = read(to, content, new Random(~seed));
              Threads.join(writer);
              if (received != sent.get()) {
                throw new AssertionError(received + " bytes arrived of " + sent);
              }
              bytes.addAndGet(received);
            }));
  }

  private Thread thread(String name, Runnable task) {
    return Thread.ofPlatform()
        .daemon()
        .stackSize(STACK_BYTES)
        .name(name)
        .unstarted(
            () -> {
              try {
                task.run();
              } catch (Throwable e) {
                failures.add(new AssertionError(name + ": " + e.getMessage(), e));
              }
            });
  }

  private long write(PosixSocket to, Content content, Random random) {
    long offset = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(shape.maxBytes());
      for (long i = 0; i < shape.messages() && !stopped; i++) {
        MemorySegment message = buffer.asSlice(0, 1 + random.nextInt(shape.maxBytes()));
        content.fill(message, offset);
        to.sendAll(message);
        offset += message.byteSize();
        messages.incrementAndGet();
        Shape.mayPause(random, shape.writerPauses());
      }
    }
    to.shutdownOutput();
    return offset;
  }

  private long read(PosixSocket from, Content content, Random random) {
    long offset = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(READ_BYTES);
      MemorySegment scratch = arena.allocate(READ_BYTES);
      while (true) {
        int size = from.receiveWhenReady(buffer.asSlice(0, 1 + random.nextInt(READ_BYTES)));
        if (size == 0) {
          return offset;
        }
        content.verify(buffer.asSlice(0, size), offset, scratch);
        offset += size;
        Shape.mayPause(random, shape.readerPauses());
      }
    }
  }

  /** How many messages have been sent so far, in all directions. */
  public long messages() {
    return messages.get();
  }

  /** Lets that many more messages pass; fails when the traffic has stalled or broken. */
  public void awaitMore(long count) {
    long goal = messages.get() + count;
    Eventually.within(PosixSocket.PATIENCE, () -> messages.get() >= goal || !failures.isEmpty());
    throwFailures();
    if (messages.get() < goal) {
      throw new AssertionError("traffic stalled at " + messages + " messages, before " + goal);
    }
  }

  /** Lets the writers end after their current message. */
  public Traffic stop() {
    stopped = true;
    return this;
  }

  /** Waits until every direction has ended; the bytes that arrived, all as they were sent. */
  public long await() {
    threads.forEach(Threads::join);
    throwFailures();
    return bytes.get();
  }

  /** Ends what still runs, so that no thread touches a socket that its owner closes next. */
  @Override
  public void close() {
    stopped = true;
    if (threads.stream().anyMatch(Thread::isAlive)) {
      pairs.forEach(Pair::disconnect);
    }
    threads.forEach(Threads::join);
  }

  private void throwFailures() {
    if (!failures.isEmpty()) {
      AssertionError all = new AssertionError(failures.size() + " directions failed");
      failures.stream().limit(5).forEach(all::addSuppressed);
      throw all;
    }
  }
}
