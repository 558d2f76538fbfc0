// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * libbpf's thin functions over the bpf(2) system call. Thread-safe. They return a negative error
 * number on failure. The map operations allocate nothing.
 */
public final class BpfCalls {
  private static final int STATS_RUN_TIME = 0;

  private static final MethodHandle LOOKUP =
      NativeCode.libbpf(
          "bpf_map_lookup_elem", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle UPDATE =
      NativeCode.libbpf(
          "bpf_map_update_elem",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle DELETE =
      NativeCode.libbpf("bpf_map_delete_elem", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle NEXT_KEY =
      NativeCode.libbpf(
          "bpf_map_get_next_key", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle LOOKUP_AT =
      NativeCode.libbpf(
          "bpf_map_lookup_elem", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle UPDATE_AT =
      NativeCode.libbpf(
          "bpf_map_update_elem",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle DELETE_AT =
      NativeCode.libbpf(
          "bpf_map_delete_elem", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle PROG_ATTACH =
      NativeCode.libbpf(
          "bpf_prog_attach",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle PROG_DETACH =
      NativeCode.libbpf(
          "bpf_prog_detach2", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle ENABLE_STATS =
      NativeCode.libbpf("bpf_enable_stats", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle POSSIBLE_CPUS =
      NativeCode.libbpf("libbpf_num_possible_cpus", FunctionDescriptor.of(JAVA_INT));

  private BpfCalls() {}

  /** Binds the functions, if that is not done yet. */
  static void bind() {}

  public static int lookup(int map, MemorySegment key, MemorySegment value) {
    try {
      return (int) LOOKUP.invokeExact(map, key, value);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  public static int update(int map, MemorySegment key, MemorySegment value, long flags) {
    try {
      return (int) UPDATE.invokeExact(map, key, value, flags);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  public static int delete(int map, MemorySegment key) {
    try {
      return (int) DELETE.invokeExact(map, key);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  public static int nextKey(int map, MemorySegment key, MemorySegment next) {
    try {
      return (int) NEXT_KEY.invokeExact(map, key, next);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** As {@link #lookup}, with addresses of memory that outlives the call. */
  public static int lookupAt(int map, long key, long value) {
    try {
      return (int) LOOKUP_AT.invokeExact(map, key, value);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** As {@link #update}, with addresses of memory that outlives the call. */
  public static int updateAt(int map, long key, long value, long flags) {
    try {
      return (int) UPDATE_AT.invokeExact(map, key, value, flags);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** As {@link #delete}, with the address of memory that outlives the call. */
  public static int deleteAt(int map, long key) {
    try {
      return (int) DELETE_AT.invokeExact(map, key);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Attaches a program until it is detached or the target is gone. */
  public static int attach(int program, int target, int attachType) {
    try {
      return (int) PROG_ATTACH.invokeExact(program, target, attachType, 0);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  public static int detach(int program, int target, int attachType) {
    try {
      return (int) PROG_DETACH.invokeExact(program, target, attachType);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Has the kernel count runs and run time of programs while the returned descriptor is open. */
  public static int enableRunTimeStatistics() {
    try {
      return (int) ENABLE_STATS.invokeExact(STATS_RUN_TIME);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  public static int possibleCpus() {
    try {
      return (int) POSSIBLE_CPUS.invokeExact();
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }
}
