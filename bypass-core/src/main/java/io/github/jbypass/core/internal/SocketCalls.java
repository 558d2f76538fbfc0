// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * What the kernel tells of open sockets. The functions write into {@code value} and return how many
 * bytes it takes, or a negative error number.
 */
public final class SocketCalls {
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final FunctionDescriptor TELLS_ADDRESS =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETSOCKNAME =
      NativeCode.libc("getsockname", TELLS_ADDRESS, ERRNO);
  private static final MethodHandle GETPEERNAME =
      NativeCode.libc("getpeername", TELLS_ADDRESS, ERRNO);
  private static final MethodHandle GETSOCKOPT =
      NativeCode.libc(
          "getsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS),
          ERRNO);

  private SocketCalls() {}

  /** The address that a socket is bound to, as a sockaddr. */
  public static int localAddress(int fd, MemorySegment value) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      var length = arena.allocateFrom(JAVA_INT, (int) value.byteSize());
      return length((int) GETSOCKNAME.invokeExact(state, fd, value, length), length, state);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** The address that a socket is connected to, as a sockaddr. */
  public static int remoteAddress(int fd, MemorySegment value) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      var length = arena.allocateFrom(JAVA_INT, (int) value.byteSize());
      return length((int) GETPEERNAME.invokeExact(state, fd, value, length), length, state);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** The value of an option. */
  public static int option(int fd, int level, int name, MemorySegment value) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      var length = arena.allocateFrom(JAVA_INT, (int) value.byteSize());
      int result = (int) GETSOCKOPT.invokeExact(state, fd, level, name, value, length);
      return length(result, length, state);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  private static int length(int result, MemorySegment length, MemorySegment state) {
    return result < 0 ? -LibC.errno(state) : length.get(JAVA_INT, 0);
  }
}
