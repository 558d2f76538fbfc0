// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.LibC;
import io.github.jbypass.core.internal.Mapping;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The memory of an array that has {@link MapFlag#MMAPABLE}, shared with the programs that use it:
 * what one side writes the other sees, without a system call.
 *
 * <p>Thread-safe. It is a handle of its own: it outlives the {@link BpfMap} that it came from, and
 * has to be closed. Segments and {@link SharedLongs} from it throw {@link IllegalStateException}
 * after that; access that races with the close ends in one or the other way, never in a crash.
 * Kernel 5.5.
 */
public final class MappedArray implements AutoCloseable {
  /** What is done with the memory. */
  public enum Access {
    /** Segments are read-only. */
    READ,
    /** Segments can be written. */
    READ_WRITE
  }

  private final Mapping mapping;
  private final MemorySegment memory;
  private final int valueSize;
  private final int stride;
  private final int length;

  private MappedArray(Mapping mapping, BpfMap map, Access access) {
    this.mapping = mapping;
    this.memory = access == Access.READ ? mapping.memory().asReadOnly() : mapping.memory();
    this.valueSize = map.valueSize();
    this.stride = stride(map);
    this.length = map.maxEntries();
  }

  private static int stride(BpfMap map) {
    return Math.ceilDiv(map.valueSize(), Long.BYTES) * Long.BYTES;
  }

  static MappedArray of(BpfMap map, Access access) {
    if (!map.has(MapFlag.MMAPABLE)) {
      throw MapFailure.unsupported(
          map,
          MapOperation.MAP_MEMORY,
          map.type() == MapType.ARRAY
              ? "it was created without BPF_F_MMAPABLE"
              : "maps of type " + map.type() + " can't do that");
    }
    var arena = Arena.ofShared();
    map.owner().acquire();
    try {
      long size = Math.multiplyExact((long) stride(map), map.maxEntries());
      var memory = LibC.map(map.fd(), size, access == Access.READ_WRITE, arena);
      if (memory.address() < 0) {
        throw refused(map, (int) -memory.address());
      }
      return new MappedArray(new Mapping("the memory of " + map, arena, memory), map, access);
    } catch (Throwable t) {
      arena.close();
      throw t;
    } finally {
      map.owner().release();
    }
  }

  private static BpfException refused(BpfMap map, int errno) {
    return errno == Errno.EPERM
        ? MapFailure.of(map, MapOperation.MAP_MEMORY, errno)
        : Failure.of(MapOperation.MAP_MEMORY.verb(), map.toString(), errno);
  }

  /** {@return how many entries there are} */
  public int length() {
    return length;
  }

  /**
   * {@return the value of an entry, in the layout of the C struct} Plain access to it may be torn,
   * reordered or hoisted out of loops by the compiler: use {@link #longs} or {@link
   * java.lang.invoke.VarHandle}s for what programs change.
   *
   * @param index from 0 to {@link #length} - 1
   */
  public MemorySegment entry(int index) {
    return memory.asSlice((long) Objects.checkIndex(index, length) * stride, valueSize);
  }

  /** {@return values of eight bytes, or the first eight bytes of each value} */
  public SharedLongs longs() {
    return longs(0);
  }

  /**
   * {@return one member of eight bytes of all entries}
   *
   * @param offset in bytes from the start of the value, a multiple of eight
   */
  public SharedLongs longs(int offset) {
    if (offset < 0 || offset % Long.BYTES != 0 || offset > valueSize - Long.BYTES) {
      throw new IndexOutOfBoundsException(
          "no 8 aligned bytes at offset %d of a value of %d".formatted(offset, valueSize));
    }
    return new SharedLongs(memory, offset, stride, length);
  }

  /** Unmaps the memory. Idempotent. */
  @Override
  public void close() {
    mapping.close();
  }
}
