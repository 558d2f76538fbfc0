// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a {@link DelayedLink} or a {@link Wire}: a thread that carries packets, each
 * after the delay.
 */
final class Forwarder implements AutoCloseable {
  private static final Duration IDLE = Duration.ofMillis(50);

  // Taken at once, so that packets that are due don't wait for a sender that never pauses.
  private static final int BURST = 64;

  private final TunDevice from;
  private final TunDevice to;
  private final long delay;
  private final UnaryOperator<byte[]> change;
  private final Deque<Packet> travelling = new ArrayDeque<>();
  private final Thread thread;
  private volatile boolean stopped;
  private volatile @Nullable RuntimeException failure;

  private Forwarder(TunDevice from, TunDevice to, Duration delay, UnaryOperator<byte[]> change) {
    this.from = from;
    this.to = to;
    this.delay = delay.toNanos();
    this.change = change;
    thread = Thread.ofPlatform().daemon().name("forwarder").unstarted(this::forward);
  }

  private record Packet(byte[] bytes, long due) {}

  static Forwarder start(TunDevice from, TunDevice to, Duration delay) {
    return start(from, to, delay, UnaryOperator.identity());
  }

  /**
   * Starts.
   *
   * @param change what becomes of a packet on its way; empty ones are dropped
   */
  static Forwarder start(
      TunDevice from, TunDevice to, Duration delay, UnaryOperator<byte[]> change) {
    Forwarder forwarder = new Forwarder(from, to, delay, change);
    forwarder.thread.start();
    return forwarder;
  }

  private void forward() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(TunDevice.MAX_PACKET);
      while (!stopped) {
        if ((Posix.poll(from.fd(), Posix.POLLIN, untilNext()) & Posix.POLLIN) != 0) {
          takeAll(buffer);
        }
        deliverDue(buffer);
      }
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private Duration untilNext() {
    Packet next = travelling.peek();
    if (next == null) {
      return IDLE;
    }
    // Rounded up, as poll counts milliseconds: a packet late by one is delayed, not lost.
    long nanos = next.due - System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1) - 1;
    return Duration.ofNanos(Math.max(0, nanos));
  }

  private void takeAll(MemorySegment buffer) {
    long due = System.nanoTime() + delay;
    try {
      for (int i = 0; i < BURST; i++) {
        long size = Posix.read(from.fd(), buffer);
        byte[] packet = change.apply(buffer.asSlice(0, size).toArray(JAVA_BYTE));
        if (packet.length > 0) {
          travelling.add(new Packet(packet, due));
        }
      }
    } catch (PosixException e) {
      if (e.errno() != Errno.EAGAIN) {
        throw e;
      }
    }
  }

  private void deliverDue(MemorySegment buffer) {
    long now = System.nanoTime();
    for (Packet next = travelling.peek();
        next != null && next.due - now <= 0;
        next = travelling.peek()) {
      travelling.remove();
      MemorySegment.copy(next.bytes, 0, buffer, JAVA_BYTE, 0, next.bytes.length);
      Posix.write(to.fd(), buffer.asSlice(0, next.bytes.length));
    }
  }

  @Override
  public void close() {
    stopped = true;
    Threads.join(thread);
    if (failure != null) {
      throw new IllegalStateException("the link broke", failure);
    }
  }
}
