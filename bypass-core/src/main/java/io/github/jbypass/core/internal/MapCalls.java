// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * libbpf's functions on maps beyond the four plain operations: creation, batches, maps by id.
 * Thread-safe. They return a negative error number on failure. Batches, like all operations on
 * elements, allocate nothing.
 */
public final class MapCalls {
  /** Offsets in {@code struct bpf_map_create_opts}. */
  private static final int OPTIONS_SIZE = 48;

  private static final int OPTIONS_BTF_FD = 8;
  private static final int OPTIONS_BTF_KEY = 12;
  private static final int OPTIONS_BTF_VALUE = 16;
  private static final int OPTIONS_INNER_FD = 24;
  private static final int OPTIONS_FLAGS = 28;

  private static final FunctionDescriptor INT_OF_INT = FunctionDescriptor.of(JAVA_INT, JAVA_INT);
  private static final FunctionDescriptor READ_BATCH =
      FunctionDescriptor.of(
          JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);

  private static final MethodHandle CREATE =
      NativeCode.libbpf(
          "bpf_map_create",
          FunctionDescriptor.of(
              JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle LOAD_BTF =
      NativeCode.libbpf(
          "bpf_btf_load", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle BY_ID = NativeCode.libbpf("bpf_map_get_fd_by_id", INT_OF_INT);
  private static final MethodHandle FREEZE = NativeCode.libbpf("bpf_map_freeze", INT_OF_INT);
  private static final MethodHandle LOOKUP_FLAGS =
      NativeCode.libbpf(
          "bpf_map_lookup_elem_flags",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle LOOKUP_AND_DELETE =
      NativeCode.libbpf(
          "bpf_map_lookup_and_delete_elem",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle LOOKUP_BATCH =
      NativeCode.libbpf("bpf_map_lookup_batch", READ_BATCH);
  private static final MethodHandle LOOKUP_AND_DELETE_BATCH =
      NativeCode.libbpf("bpf_map_lookup_and_delete_batch", READ_BATCH);
  private static final MethodHandle UPDATE_BATCH =
      NativeCode.libbpf(
          "bpf_map_update_batch",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle DELETE_BATCH =
      NativeCode.libbpf(
          "bpf_map_delete_batch",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS));

  private MapCalls() {}

  /** Binds the functions, if that is not done yet. */
  static void bind() {}

  /** BTF that describes keys and values; what each is has a number in it. */
  public record BtfTypes(int fd, int key, int value) {
    /** No description. */
    public static final BtfTypes NONE = new BtfTypes(0, 0, 0);
  }

  /** Creates a map; the inner map's descriptor is 0 for none. */
  public static int create(
      int type,
      String name,
      int keySize,
      int valueSize,
      int maxEntries,
      int flags,
      int innerMap,
      BtfTypes btf) {
    try (var arena = Arena.ofConfined()) {
      var options = arena.allocate(OPTIONS_SIZE, Long.BYTES);
      options.set(JAVA_LONG, 0, OPTIONS_SIZE);
      options.set(JAVA_INT, OPTIONS_BTF_FD, btf.fd);
      options.set(JAVA_INT, OPTIONS_BTF_KEY, btf.key);
      options.set(JAVA_INT, OPTIONS_BTF_VALUE, btf.value);
      options.set(JAVA_INT, OPTIONS_INNER_FD, innerMap);
      options.set(JAVA_INT, OPTIONS_FLAGS, flags);
      return (int)
          CREATE.invokeExact(
              type, arena.allocateFrom(name), keySize, valueSize, maxEntries, options);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Gives type information to the kernel; the result is its descriptor. */
  public static int loadBtf(byte[] btf) {
    try (var arena = Arena.ofConfined()) {
      var bytes = arena.allocate(btf.length, Long.BYTES).copyFrom(MemorySegment.ofArray(btf));
      return (int) LOAD_BTF.invokeExact(bytes, bytes.byteSize(), MemorySegment.NULL);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Opens a map by the number that the kernel gave it. */
  public static int open(int id) {
    try {
      return (int) BY_ID.invokeExact(id);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  public static int freeze(int map) {
    try {
      return (int) FREEZE.invokeExact(map);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  public static int lookup(int map, MemorySegment key, MemorySegment value, long flags) {
    try {
      return (int) LOOKUP_FLAGS.invokeExact(map, key, value, flags);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  public static int lookupAndDelete(int map, MemorySegment key, MemorySegment value) {
    try {
      return (int) LOOKUP_AND_DELETE.invokeExact(map, key, value);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /**
   * Reads entries from where another batch ended, or from the beginning.
   *
   * @param from what the batch before wrote, or NULL
   * @param to where the kernel notes how far it came: a key, or four bytes if keys are smaller
   * @param count room for entries; the kernel replaces it by how many it wrote
   */
  public static int lookupBatch(
      int map,
      MemorySegment from,
      MemorySegment to,
      MemorySegment keys,
      MemorySegment values,
      MemorySegment count) {
    try {
      return (int) LOOKUP_BATCH.invokeExact(map, from, to, keys, values, count, MemorySegment.NULL);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** As {@link #lookupBatch}, and deletes what it reads. */
  public static int lookupAndDeleteBatch(
      int map,
      MemorySegment from,
      MemorySegment to,
      MemorySegment keys,
      MemorySegment values,
      MemorySegment count) {
    try {
      return (int)
          LOOKUP_AND_DELETE_BATCH.invokeExact(
              map, from, to, keys, values, count, MemorySegment.NULL);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Stores entries; the kernel replaces the count by how many it stored. */
  public static int updateBatch(
      int map, MemorySegment keys, MemorySegment values, MemorySegment count) {
    try {
      return (int) UPDATE_BATCH.invokeExact(map, keys, values, count, MemorySegment.NULL);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Deletes entries up to the first that is not there; the kernel replaces the count. */
  public static int deleteBatch(int map, MemorySegment keys, MemorySegment count) {
    try {
      return (int) DELETE_BATCH.invokeExact(map, keys, count, MemorySegment.NULL);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }
}
