// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Functions of libc on files and their owners. */
public final class FileCalls {
  private static final MethodHandle GETEUID =
      NativeCode.libc("geteuid", FunctionDescriptor.of(JAVA_INT));

  private static final MethodHandle READ =
      NativeCode.libc(
          "read",
          FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG),
          Linker.Option.captureCallState("errno"));

  private static final MethodHandle FLOCK =
      NativeCode.libc(
          "flock",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT),
          Linker.Option.captureCallState("errno"));

  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;

  private FileCalls() {}

  /** Locks a file or directory, without waiting, until the last descriptor of this opening. */
  public static int lock(int fd) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      int result = (int) FLOCK.invokeExact(state, fd, LOCK_EX | LOCK_NB);
      return result == 0 ? 0 : -LibC.errno(state);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Reads what there is; a signal that only the JVM is concerned with does not end it. */
  public static int read(int fd, MemorySegment buffer) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      while (true) {
        long count = (long) READ.invokeExact(state, fd, buffer, buffer.byteSize());
        if (count >= 0) {
          return (int) count;
        }
        if (LibC.errno(state) != Errno.EINTR) {
          return -LibC.errno(state);
        }
      }
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Who this process is to the file system. */
  public static int effectiveUser() {
    try {
      return (int) GETEUID.invokeExact();
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }
}
