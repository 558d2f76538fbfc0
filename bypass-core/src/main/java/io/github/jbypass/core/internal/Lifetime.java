// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Owner of a native resource that is freed exactly once, and never while an operation runs on it:
 * operations hold the resource between {@link #acquire} and {@link #release}, both by the same
 * thread; {@link #close} lets no new ones in, and the last one out frees. Nobody waits.
 * Thread-safe, allocates nothing.
 *
 * <p>Operations are counted in {@link #state}, by atomic instructions. A resource in frequent use
 * gets a <em>holder</em>, one thread that does without them: it has one {@link #SHARE} in the
 * resource from then on, and counts its operations in a field that only it writes. It writes its
 * count, then reads the state; who closes writes the state, then reads the count. Unless a read
 * overtakes a write, one of them sees what the other wrote, and gives up the share once the holder
 * is out. The CPU is kept from that by the barrier that who closes imposes on the holder, {@link
 * Membarrier#onAllThreads}; the compilers of HotSpot and GraalVM keep accesses in release and
 * acquire mode in order, whatever the fields, which the language does not promise.
 */
public abstract class Lifetime implements AutoCloseable {
  private static final int CLOSED = 1 << 31;
  private static final int SHARE = 1 << 30;

  /** Uses after which a holder pays: few handles have as many, so few closes need the barrier. */
  private static final int FREQUENT = 1000;

  private static final VarHandle STATE;
  private static final VarHandle HELD;

  static {
    try {
      var lookup = MethodHandles.lookup();
      STATE = lookup.findVarHandle(Lifetime.class, "state", int.class);
      HELD = lookup.findVarHandle(Lifetime.class, "held", int.class);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Number of operations under way but the holder's, {@link #SHARE}, and {@link #CLOSED}. Who makes
   * it {@link #CLOSED} alone frees: it never changes again.
   */
  private volatile int state;

  /** Number of operations of the holder under way. Written by the holder only. */
  private int held;

  /** Number of the holder, or 0; not the thread, which would be kept from being collected. */
  private long holder;

  /** About how often it was acquired before there was a holder. */
  private int uses;

  private final String description;

  /**
   * A live resource.
   *
   * @param description what it is, for the message of an operation that comes too late
   */
  @SuppressWarnings("this-escape") // to a collection that only compares identities
  protected Lifetime(String description) {
    this.description = description;
    if (OpenHandles.RECORDED) {
      OpenHandles.opened(this, description);
    }
  }

  /** Frees the resource. Called once, by the thread that leaves last. */
  protected abstract void free();

  /**
   * Keeps the resource alive until {@link #release}.
   *
   * @throws IllegalStateException if the resource is closed
   */
  public final void acquire() {
    if (!tryAcquire()) {
      throw new IllegalStateException(description + " is closed");
    }
  }

  /** As {@link #acquire}, but says false if the resource is closed. */
  public final boolean tryAcquire() {
    if (!isHolder() && !(holder == 0 && ++uses >= FREQUENT && becomeHolder())) {
      return count();
    }
    HELD.setRelease(this, held + 1);
    if ((int) STATE.getAcquire(this) >= 0) {
      return true;
    }
    release();
    return false;
  }

  /** Ends what {@link #acquire} began. */
  public final void release() {
    if (isHolder()) {
      HELD.setRelease(this, held - 1);
      if ((int) STATE.getAcquire(this) < 0 && held == 0) {
        giveUpShare();
      }
    } else if ((int) STATE.getAndAdd(this, -1) == CLOSED + 1) {
      free();
    }
  }

  /** Whether {@link #close} was called. */
  public final boolean isClosed() {
    return state < 0;
  }

  @Override
  public final void close() {
    if (OpenHandles.RECORDED) {
      OpenHandles.closed(this);
    }
    int seen = (int) STATE.getAndBitwiseOr(this, CLOSED);
    if (seen == 0) {
      free();
    } else if (seen >= SHARE // without the barrier, the share is left for the holder to give up
        && (isHolder() || Membarrier.onAllThreads())
        && (int) HELD.getAcquire(this) == 0) {
      giveUpShare();
    }
  }

  /** A race with the holder's own write is harmless: no other thread's number is ever there. */
  private boolean isHolder() {
    return holder == Thread.currentThread().threadId();
  }

  /** Takes the share if nobody has it, or had it, and nobody is inside, such as the caller. */
  final boolean becomeHolder() {
    if (state != 0 || !Membarrier.isExpedited() || !STATE.compareAndSet(this, 0, SHARE)) {
      return false;
    }
    holder = Thread.currentThread().threadId();
    return true;
  }

  private boolean count() {
    int seen;
    do {
      seen = state;
      if (seen < 0) {
        return false;
      }
    } while (!STATE.compareAndSet(this, seen, seen + 1));
    return true;
  }

  private void giveUpShare() {
    if ((int) STATE.getAndBitwiseAnd(this, ~SHARE) == (CLOSED | SHARE)) {
      free();
    }
  }
}
