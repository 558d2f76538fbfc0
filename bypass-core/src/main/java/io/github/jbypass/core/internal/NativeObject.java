// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A {@code struct bpf_object} with everything that hangs on it: descriptors of its maps and
 * programs, and the memory in its arena.
 */
public final class NativeObject extends Lifetime {
  private final MemorySegment pointer;
  private final Arena arena;

  /**
   * Takes ownership of an opened object.
   *
   * @param name its name
   * @param pointer the {@code struct bpf_object}
   * @param arena a shared arena that ends with the object
   */
  public NativeObject(String name, MemorySegment pointer, Arena arena) {
    super("BPF object " + name);
    this.pointer = pointer;
    this.arena = arena;
  }

  /** The {@code struct bpf_object}, for the holder of {@link #acquire}. */
  public MemorySegment pointer() {
    return pointer;
  }

  /** Memory that lives as long as the object; any thread may use it. */
  public Arena arena() {
    return arena;
  }

  @Override
  protected void free() {
    Mapping.close(arena);
    LibBpf.close(pointer);
  }
}
