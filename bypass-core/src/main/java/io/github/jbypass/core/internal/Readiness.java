// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Waits until one of several descriptors is readable, by poll(2), which leaves nothing registered
 * that would have to be undone. For one thread at a time. Waiting allocates nothing.
 */
public final class Readiness {
  private static final int ENTRY_SIZE = 8; // of struct pollfd: fd, events, revents
  private static final int EVENTS = 4;
  private static final int RESULT = 6;
  private static final short POLLIN = 1;
  private static final long SECOND = 1_000_000_000;

  private static final MethodHandle PPOLL =
      NativeCode.libc(
          "ppoll",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS),
          Linker.Option.captureCallState("errno"));

  private final MemorySegment entries;
  private final MemorySegment time;
  private final MemorySegment state;
  private final int count;

  /**
   * For these descriptors.
   *
   * @param arena where the memory for asking comes from
   * @param descriptors they have to stay open while they are waited for
   */
  public Readiness(Arena arena, int... descriptors) {
    count = descriptors.length;
    entries = arena.allocate((long) ENTRY_SIZE * count, ENTRY_SIZE);
    time = arena.allocate(2L * Long.BYTES, Long.BYTES);
    state = arena.allocate(Linker.Option.captureStateLayout());
    for (int i = 0; i < count; i++) {
      entries.set(JAVA_INT, (long) i * ENTRY_SIZE, descriptors[i]);
      entries.set(JAVA_SHORT, (long) i * ENTRY_SIZE + EVENTS, POLLIN);
    }
  }

  /**
   * Waits until a descriptor is readable, the time is over or a signal arrives.
   *
   * @return how many are readable, or {@code -errno}
   */
  public int await(long nanoseconds) {
    time.set(JAVA_LONG, 0, nanoseconds / SECOND);
    time.set(JAVA_LONG, Long.BYTES, nanoseconds % SECOND);
    try {
      int ready = (int) PPOLL.invokeExact(state, entries, (long) count, time, MemorySegment.NULL);
      int errno = ready < 0 ? LibC.errno(state) : 0;
      return errno == Errno.EINTR ? 0 : ready < 0 ? -errno : ready;
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Whether the last wait ended because this descriptor is readable. */
  public boolean isReady(int index) {
    return entries.get(JAVA_SHORT, (long) index * ENTRY_SIZE + RESULT) != 0;
  }
}
