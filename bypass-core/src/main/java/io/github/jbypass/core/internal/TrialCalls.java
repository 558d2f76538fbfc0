// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** How trials call libc: results are those of C, but a negative error number in place of -1. */
final class TrialCalls {
  private static final Linker.Option STATE = Linker.Option.captureCallState("errno");

  private TrialCalls() {}

  /** One invocation, given the segment that receives errno and memory for its arguments. */
  @FunctionalInterface
  interface Invocation {
    long with(MemorySegment state, Arena arena) throws Throwable;
  }

  /** A function that returns an int. */
  static MethodHandle toInt(String name, MemoryLayout... arguments) {
    return NativeCode.libc(name, FunctionDescriptor.of(JAVA_INT, arguments), STATE);
  }

  /** A function that returns a size. */
  static MethodHandle toLong(String name, MemoryLayout... arguments) {
    return NativeCode.libc(name, FunctionDescriptor.of(JAVA_LONG, arguments), STATE);
  }

  /** A function that returns an int and has that many arguments before its variable ones. */
  static MethodHandle variadic(String name, int fixed, MemoryLayout... arguments) {
    return NativeCode.libc(
        name,
        FunctionDescriptor.of(JAVA_INT, arguments),
        STATE,
        Linker.Option.firstVariadicArg(fixed));
  }

  /**
   * The result of a call that has to succeed.
   *
   * @throws UncheckedIOException if it is an error
   */
  static int check(String operation, int result) {
    if (result < 0) {
      var message = "%s: %s [%s]".formatted(operation, Errno.meaning(-result), Errno.name(-result));
      throw new UncheckedIOException(message, new IOException(message));
    }
    return result;
  }

  /** Makes a call, again when only a signal has ended it. */
  static int call(Invocation invocation) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      while (true) {
        long result = invocation.with(state, arena);
        if (result != -1) {
          return (int) result;
        }
        if (LibC.errno(state) != Errno.EINTR) {
          return -LibC.errno(state);
        }
      }
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }
}
