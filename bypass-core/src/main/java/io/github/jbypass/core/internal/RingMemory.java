// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * The pages of a ring buffer map, and a descriptor to wake its consumer by. The kernel maps the
 * consumer's position (which user space writes), the producer's, and the data twice in a row, so
 * that a record never wraps around. Positions only grow.
 */
public final class RingMemory extends Lifetime {
  private static final VarHandle POSITION = JAVA_LONG.varHandle();

  /**
   * The kernel aligns it to eight bytes; to have that checked is what a record took longest for.
   */
  private static final ValueLayout.OfInt HEADER = JAVA_INT_UNALIGNED;

  private static final MethodHandle PAGE_SIZE =
      NativeCode.libc("getpagesize", FunctionDescriptor.of(JAVA_INT));

  private final int map;
  private final int waker;
  private final int size;
  private final Arena arena = Arena.ofShared();
  private MemorySegment consumed = MemorySegment.NULL;
  private MemorySegment produced = MemorySegment.NULL;
  private MemorySegment data = MemorySegment.NULL;

  /**
   * Takes ownership of both descriptors. Not usable before {@link #map}.
   *
   * @param map of the ring buffer
   * @param waker an eventfd
   * @param size of the data in bytes, a power of two
   * @param description what it is
   */
  public RingMemory(int map, int waker, int size, String description) {
    super(description);
    this.map = map;
    this.waker = waker;
    this.size = size;
  }

  /** Maps the pages: 0 or {@code -errno}. Once, before anything else. */
  public int map() {
    long page = pageSize();
    consumed = LibC.map(map, 0, page, true, arena);
    if (consumed.address() < 0) {
      return (int) consumed.address();
    }
    var rest = LibC.map(map, page, page + 2L * size, false, arena);
    if (rest.address() < 0) {
      return (int) rest.address();
    }
    produced = rest.asSlice(0, page).asReadOnly();
    data = rest.asSlice(page).asReadOnly();
    return 0;
  }

  /** The data, twice. */
  public MemorySegment data() {
    return data;
  }

  public int size() {
    return size;
  }

  /** How far the consumer has come. */
  public long consumed() {
    return (long) POSITION.getAcquire(consumed, 0L);
  }

  /** Gives the space before this position back to the producers. */
  public void consumed(long position) {
    POSITION.setRelease(consumed, 0L, position);
  }

  /** How far the producers have come; the last records may still be busy. */
  public long produced() {
    return (long) POSITION.getAcquire(produced, 0L);
  }

  /** The first word of the record at an offset: whatever follows it is complete unless busy. */
  public int header(long offset) {
    int header = data.get(HEADER, offset);
    VarHandle.loadLoadFence();
    return header;
  }

  /** The map's descriptor, readable while there are records. */
  public int descriptor() {
    return map;
  }

  /** The descriptor that {@link #wake} makes readable. */
  public int waker() {
    return waker;
  }

  public void wake() {
    Wakeup.signal(waker);
  }

  private static int pageSize() {
    try {
      return (int) PAGE_SIZE.invokeExact();
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  @Override
  protected void free() {
    while (arena.scope().isAlive()) {
      try {
        arena.close();
      } catch (IllegalStateException e) { // a system call reads a record that was not copied
        LockSupport.parkNanos(100_000);
      }
    }
    LibC.close(map);
    LibC.close(waker);
  }
}
