// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.LoadedObject;
import io.github.jbypass.core.RingBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Listens to what happens to connections, from {@link #listen} to {@link #close}. There is one
 * listener at a time, in whatever process: the kernel knows a single reader of the buffer between.
 *
 * <p>While nobody listens, events cost the programs nothing but looking whether somebody does.
 * While somebody does, one that is told costs them a few hundred nanoseconds, and there is a
 * {@linkplain #limit limit} to how many are: what is beyond it is {@linkplain #suppressed counted}
 * instead. So are those that a {@linkplain #dropped slow listener} misses. A listener that dies
 * without closing leaves the events on until the next one takes over.
 *
 * <p>Thread-safe, but {@link #poll} is for one thread at a time. After {@link #close}, and once the
 * object is closed, methods throw {@link IllegalStateException}. Kernel 5.15.
 */
public final class Events implements AutoCloseable {
  private static final VarHandle INT = JAVA_INT.varHandle();
  private static final VarHandle LONG = JAVA_LONG.varHandle();
  private static final long SECOND = 1_000_000_000;
  private static final int EBUSY = 16;
  private static final int NOBODY = 0;

  private final RingBuffer ring;
  private final MemorySegment listener;
  private final MemorySegment interval;
  private final LoadedObject object;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Events(LoadedObject object) {
    this.object = object;
    EventCodec.check(object.btf());
    listener = object.global("event_listener");
    interval = object.global("event_interval");
    ring = RingBuffer.open(object, "events");
  }

  /**
   * Has the programs tell what happens from now on.
   *
   * @param object the loaded object
   * @return the events, to be closed
   * @throws LayoutMismatchException if it tells something else
   * @throws BpfException (EBUSY) if another process, or this one already, listens
   */
  public static Events listen(LoadedObject object) {
    var events = new Events(object);
    try {
      events.claim();
      events.ring.poll((_, _, _) -> {}, Duration.ZERO); // what an earlier listener did not read
      return events;
    } catch (Throwable t) {
      events.ring.close();
      throw t;
    }
  }

  /**
   * Has the programs fall silent if their listener has died without closing.
   *
   * @param object the loaded object
   */
  public static void silenceDead(LoadedObject object) {
    var listener = object.global("event_listener");
    int holder = (int) INT.getVolatile(listener, 0L);
    if (holder != NOBODY && ProcessHandle.of(holder).isEmpty()) {
      INT.compareAndSet(listener, 0L, holder, NOBODY);
    }
  }

  private void claim() {
    int self = (int) ProcessHandle.current().pid();
    int holder = (int) INT.getVolatile(listener, 0L);
    boolean dead = holder != NOBODY && ProcessHandle.of(holder).isEmpty();
    if (holder != NOBODY && !dead || !INT.compareAndSet(listener, 0L, holder, self)) {
      throw new BpfException(
          "listen to",
          "events",
          EBUSY,
          "process " + (int) INT.getVolatile(listener, 0L) + " does, and it takes one at a time");
    }
  }

  /**
   * Hands over the events that are there; if there are none, waits for some. Those of one
   * connection come in the order in which they happened.
   *
   * @param consumer called for each event; may throw, which comes out of here
   * @param timeout how long to wait at most; zero or less to look only
   * @return how many events there were, 0 if the wait ended without any
   * @throws IllegalStateException if another thread polls
   */
  public int poll(Consumer<BypassEvent> consumer, Duration timeout) {
    return ring.poll(
        (memory, offset, _) ->
            consumer.accept(EventCodec.decode(memory.asSlice(offset, EventCodec.SIZE))),
        timeout);
  }

  /** Ends the wait of a poll, or lets the next one not wait. */
  public void wakeup() {
    ring.wakeup();
  }

  /**
   * Limits what is told: at most so many events a second on each CPU, in the long run, 1,000 unless
   * this is called; after a quiet time, up to 256 at once. Stays as it is set when listening ends.
   *
   * @param perSecond at least 1, at most 1,000,000
   * @throws IllegalArgumentException if it is not
   */
  public void limit(int perSecond) {
    if (perSecond < 1 || perSecond > 1_000_000) {
      throw new IllegalArgumentException(
          perSecond + " events a second are not between 1 and 1,000,000");
    }
    LONG.setVolatile(interval, 0L, SECOND / perSecond);
  }

  /**
   * Events that were not told because of the limit, since the object was loaded.
   *
   * @return how many
   */
  public long suppressed() {
    return EventLosses.of(object).suppressed();
  }

  /**
   * Events that found the buffer full because they were not polled, since the object was loaded.
   *
   * @return how many
   */
  public long dropped() {
    return ring.dropped().orElseThrow();
  }

  /** {@return how full the buffer is, from 0 to 1; where it is full, events are dropped} */
  public double fill() {
    return (double) ring.pendingBytes() / ring.capacity();
  }

  /** Has the programs fall silent, and ends a poll that waits. Idempotent. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      if (listener.scope().isAlive()) { // unless the object was closed before
        INT.setVolatile(listener, 0L, NOBODY);
      }
      ring.close();
    }
  }
}
