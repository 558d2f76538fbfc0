// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Owner of a native resource that is freed exactly once, and never while an operation runs on it:
 * operations hold the resource between {@link #acquire} and {@link #release}; {@link #close} lets
 * no new ones in, and the last one out frees. Nobody waits. Thread-safe, allocates nothing.
 */
public abstract class Lifetime implements AutoCloseable {
  private static final int CLOSED = 1 << 31;
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Lifetime.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** Number of operations under way, and {@link #CLOSED}. */
  private volatile int state;

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
    int seen;
    do {
      seen = state;
      if (seen < 0) {
        return false;
      }
    } while (!STATE.compareAndSet(this, seen, seen + 1));
    return true;
  }

  /** Ends what {@link #acquire} began. */
  public final void release() {
    if ((int) STATE.getAndAdd(this, -1) == CLOSED + 1) {
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
    if ((int) STATE.getAndBitwiseOr(this, CLOSED) == 0) {
      free();
    }
  }
}
