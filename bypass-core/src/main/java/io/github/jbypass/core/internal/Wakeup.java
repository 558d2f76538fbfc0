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

/** Calls on an eventfd, by which one thread wakes another that waits in the kernel. */
public final class Wakeup {
  private static final int EFD_CLOEXEC = 02000000;
  private static final int EFD_NONBLOCK = 04000;

  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final MethodHandle EVENTFD =
      NativeCode.libc("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), ERRNO);
  private static final MethodHandle SIGNAL =
      NativeCode.libc("eventfd_write", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle CLEAR =
      NativeCode.libc("eventfd_read", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

  private Wakeup() {}

  /** A new descriptor, or {@code -errno}. */
  public static int create() {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      int fd = (int) EVENTFD.invokeExact(state, 0, EFD_CLOEXEC | EFD_NONBLOCK);
      return fd >= 0 ? fd : -LibC.errno(state);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Makes the descriptor readable. */
  public static void signal(int fd) {
    try {
      int ignored = (int) SIGNAL.invokeExact(fd, 1L); // fails only if it is as signalled as can be
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Makes the descriptor unreadable again; scratch holds eight bytes. */
  public static void clear(int fd, MemorySegment scratch) {
    try {
      int ignored = (int) CLEAR.invokeExact(fd, scratch); // fails only if it is clear
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }
}
