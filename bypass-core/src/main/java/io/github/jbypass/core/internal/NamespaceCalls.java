// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Functions of libc on namespaces. They return a negative error number on failure. */
public final class NamespaceCalls {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final long NS_GET_NSTYPE = 0xb703;
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 02000000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_NETNS_COOKIE = 71;

  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final MethodHandle SETNS =
      NativeCode.libc("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), ERRNO);
  private static final MethodHandle IOCTL =
      NativeCode.libc(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG),
          ERRNO,
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle SOCKET =
      NativeCode.libc(
          "socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), ERRNO);

  private NamespaceCalls() {}

  /** Moves the calling thread alone into a network namespace. */
  public static int enterNetwork(int fd) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      int result = (int) SETNS.invokeExact(state, fd, CLONE_NEWNET);
      return result < 0 ? -LibC.errno(state) : 0;
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Whether an open file is a network namespace. */
  public static boolean isNetwork(int fd) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      return (int) IOCTL.invokeExact(state, fd, NS_GET_NSTYPE) == CLONE_NEWNET;
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Writes the cookie of the calling thread's network namespace; the result is its length. */
  public static int networkCookie(MemorySegment cookie) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      int fd = (int) SOCKET.invokeExact(state, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (fd < 0) {
        return -LibC.errno(state);
      }
      try {
        return SocketCalls.option(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie);
      } finally {
        LibC.close(fd);
      }
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }
}
