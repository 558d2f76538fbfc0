// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Calls into libc that keep errno: the handles it makes take the errno segment first. */
final class Native {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

  private Native() {}

  /** One invocation of a handle, given the segment that receives errno. */
  @FunctionalInterface
  interface Invocation {
    long with(MemorySegment errno) throws Throwable;
  }

  static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
    return link(name, FunctionDescriptor.of(result, arguments), ERRNO);
  }

  static MethodHandle variadic(
      String name, int fixed, MemoryLayout result, MemoryLayout... arguments) {
    return link(
        name,
        FunctionDescriptor.of(result, arguments),
        ERRNO,
        Linker.Option.firstVariadicArg(fixed));
  }

  @SuppressWarnings("restricted") // Tests are given native access as a whole.
  private static MethodHandle link(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
  }

  /**
   * The call's result, or its errno as an exception when the result is -1. A call that a signal
   * interrupts, as stopping and continuing the process does, is made again.
   */
  static long call(String name, Invocation invocation) {
    while (true) {
      try {
        return callOnce(name, invocation);
      } catch (PosixException e) {
        if (e.errno() != Errno.EINTR) {
          throw e;
        }
      }
    }
  }

  /** The same for calls that must not be made again. */
  static long callOnce(String name, Invocation invocation) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
      long result = invoke(name, invocation, errno);
      if (result == -1) {
        throw new PosixException(name, errno.get(JAVA_INT, 0));
      }
      return result;
    }
  }

  /** The call's errno, 0 if it succeeds. */
  static int errnoOf(String name, Invocation invocation) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
      return invoke(name, invocation, errno) == -1 ? errno.get(JAVA_INT, 0) : 0;
    }
  }

  private static long invoke(String name, Invocation invocation, MemorySegment errno) {
    try {
      return invocation.with(errno);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(name + " can't be called", e);
    }
  }
}
