// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/**
 * Memory that is shared with the kernel. Any thread may use it until it is closed; later access
 * throws {@link IllegalStateException}, and so does access that races with the close: the arena
 * sees to it that nobody touches pages that are gone.
 */
public final class Mapping extends Lifetime {
  private final Arena arena;
  private final MemorySegment memory;

  /**
   * Takes ownership of mapped memory.
   *
   * @param description what it is
   * @param arena a shared arena whose close unmaps it
   * @param memory the memory
   */
  public Mapping(String description, Arena arena, MemorySegment memory) {
    super(description);
    this.arena = arena;
    this.memory = memory;
  }

  /** The mapped memory. */
  public MemorySegment memory() {
    return memory;
  }

  @Override
  protected void free() {
    close(arena);
  }

  /** Closes a shared arena, waiting for system calls that just read or write its memory. */
  static void close(Arena arena) {
    while (true) {
      try {
        arena.close();
        return;
      } catch (IllegalStateException e) {
        if (!arena.scope().isAlive()) {
          throw e;
        }
        LockSupport.parkNanos(100_000);
      }
    }
  }
}
