// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.Readiness;
import io.github.jbypass.core.internal.Wakeup;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Consumes from several {@link RingBuffer}s in one thread. Each keeps its own order; between two of
 * them there is none. The rings stay their owners': one that is closed drops out by itself.
 *
 * <p>Thread-safe, but polling is for one thread at a time, and a ring that a poller is just
 * consuming can't be polled otherwise: {@link IllegalStateException}. Polling allocates nothing.
 * Closing it ends a poll that waits; later calls throw {@link IllegalStateException}. Kernel 5.8.
 */
public final class RingBufferPoller implements AutoCloseable {
  private static final String NAME = "ring buffer poller";

  /** A ring, and who takes its records. */
  private record Source(RingBuffer ring, RecordConsumer consumer) {}

  private final Fd waker;
  private final List<Source> all = new ArrayList<>(); // guarded by itself
  private volatile boolean changed = true;
  private final AtomicBoolean polling = new AtomicBoolean();

  /* The polling thread's. */
  private final MemorySegment scratch = Arena.ofAuto().allocate(JAVA_LONG);
  private Source[] sources = {};
  private Readiness readiness = new Readiness(Arena.ofAuto());

  /** Polls nothing yet. */
  public RingBufferPoller() {
    Failure.requireNativeAccess("open", NAME);
    waker = new Fd(Failure.check("make an eventfd for", NAME, Wakeup.create()), NAME);
  }

  /**
   * Adds a ring, which stays the caller's. A poll that just waits returns.
   *
   * @param ring not added before
   * @param consumer takes its records
   * @return this
   * @throws IllegalArgumentException if it was added before
   */
  public RingBufferPoller add(RingBuffer ring, RecordConsumer consumer) {
    waker.acquire();
    try {
      synchronized (all) {
        if (all.stream().anyMatch(source -> source.ring == ring)) {
          throw new IllegalArgumentException(ring + " was added before");
        }
        all.add(new Source(ring, consumer));
        changed = true;
      }
      if (polling.get()) {
        Wakeup.signal(waker.number());
      }
    } finally {
      waker.release();
    }
    return this;
  }

  /**
   * Consumes the records that are there, ring by ring; if there are none, waits for some. As {@link
   * RingBuffer#poll} otherwise.
   *
   * @param timeout how long to wait at most; zero or less to look only
   * @return how many records were consumed, 0 if the wait ended without any
   * @throws IllegalStateException if another thread is polling, or consuming from one of the rings
   */
  public int poll(Duration timeout) {
    long deadline = RingBuffer.deadline(timeout);
    waker.acquire();
    try {
      if (!polling.compareAndSet(false, true)) {
        throw new IllegalStateException(NAME + " is being polled: it takes one thread at a time");
      }
      try {
        return pollUntil(deadline);
      } finally {
        polling.set(false);
      }
    } finally {
      waker.release();
    }
  }

  /** Ends the wait of a poll, or lets the next one not wait. */
  public void wakeup() {
    waker.acquire();
    try {
      Wakeup.signal(waker.number());
    } finally {
      waker.release();
    }
  }

  /** Ends a poll that waits. The rings stay open. Idempotent. */
  @Override
  public void close() {
    if (waker.tryAcquire()) {
      waker.close();
      Wakeup.signal(waker.number());
      waker.release();
    }
  }

  private int pollUntil(long deadline) {
    int begun = 0;
    try {
      while (begun < sources.length || changed) {
        if (changed) {
          end(begun);
          begun = 0;
          collect();
        } else if (sources[begun].ring.tryBegin()) {
          begun++;
        } else {
          changed = true; // it was closed
        }
      }
      int records = consume();
      while (records == 0 && await(deadline)) {
        records = consume();
      }
      return records;
    } finally {
      end(begun);
    }
  }

  private void end(int begun) {
    for (int i = 0; i < begun; i++) {
      sources[i].ring.end();
    }
  }

  /** Brings the polling thread's view up to date. */
  private void collect() {
    synchronized (all) {
      changed = false;
      all.removeIf(source -> source.ring.memory().isClosed());
      sources = all.toArray(Source[]::new);
    }
    var descriptors = new int[1 + 2 * sources.length];
    descriptors[0] = waker.number();
    for (int i = 0; i < sources.length; i++) {
      descriptors[1 + 2 * i] = sources[i].ring.memory().waker();
      descriptors[2 + 2 * i] = sources[i].ring.memory().descriptor();
    }
    readiness = new Readiness(Arena.ofAuto(), descriptors);
  }

  private int consume() {
    int records = 0;
    for (var source : sources) {
      records += source.ring.consume(source.consumer);
    }
    return records;
  }

  /** Whether there may be something to consume; false if the time is over or a wake-up came. */
  private boolean await(long deadline) {
    long left = deadline - System.nanoTime();
    if (left <= 0 || waker.isClosed()) {
      return false;
    }
    Failure.check("wait for", NAME, readiness.await(left));
    boolean woken = clearIfReady(0, waker.number());
    for (int i = 0; i < sources.length; i++) {
      woken |= clearIfReady(1 + 2 * i, sources[i].ring.memory().waker());
    }
    return !woken;
  }

  private boolean clearIfReady(int index, int descriptor) {
    boolean ready = readiness.isReady(index);
    if (ready) {
      Wakeup.clear(descriptor, scratch);
    }
    return ready;
  }
}
