// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static io.github.jbypass.programs.testing.Native.call;
import static io.github.jbypass.programs.testing.Native.callOnce;
import static io.github.jbypass.programs.testing.Native.function;
import static io.github.jbypass.programs.testing.Native.variadic;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.time.Duration;

/** Calls on file descriptors of any kind. Each throws {@link PosixException} when refused. */
public final class Posix {
  public static final int O_RDONLY = 0;
  public static final int O_RDWR = 2;
  public static final int O_NONBLOCK = 0x800;
  public static final int O_CLOEXEC = 0x80000;

  public static final int POLLIN = 0x1;
  public static final int POLLPRI = 0x2;
  public static final int POLLOUT = 0x4;
  public static final int POLLERR = 0x8;
  public static final int POLLHUP = 0x10;
  public static final int POLLRDHUP = 0x2000;

  public static final int SPLICE_F_NONBLOCK = 2;

  private static final int CLONE_NEWNET = 0x40000000;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;

  private static final MethodHandle OPEN = variadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle CLOSE = function("close", JAVA_INT, JAVA_INT);
  private static final MethodHandle READ =
      function("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle WRITE =
      function("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle FCNTL =
      variadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle IOCTL =
      variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
  private static final MethodHandle POLL = function("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle PIPE2 = function("pipe2", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SPLICE =
      function("splice", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SENDFILE =
      function("sendfile", JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle SETNS = function("setns", JAVA_INT, JAVA_INT, JAVA_INT);

  private Posix() {}

  /** The two ends of a pipe. */
  public record Pipe(int reader, int writer) implements AutoCloseable {
    @Override
    public void close() {
      Posix.close(reader);
      Posix.close(writer);
    }
  }

  public static int open(Path path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path.toString());
      return (int)
          call("open " + path, errno -> (int) OPEN.invokeExact(errno, name, flags | O_CLOEXEC));
    }
  }

  public static void close(int fd) {
    callOnce("close", errno -> (int) CLOSE.invokeExact(errno, fd));
  }

  /** Reads into the whole segment or less; 0 at the end. */
  public static long read(int fd, MemorySegment into) {
    return call("read", errno -> (long) READ.invokeExact(errno, fd, into, into.byteSize()));
  }

  public static long write(int fd, MemorySegment data) {
    return call("write", errno -> (long) WRITE.invokeExact(errno, fd, data, data.byteSize()));
  }

  /** Writes a few bytes to a descriptor that has room for them. */
  public static void write(int fd, byte[] data) {
    try (Arena arena = Arena.ofConfined()) {
      long written = write(fd, arena.allocateFrom(JAVA_BYTE, data));
      if (written != data.length) {
        throw new AssertionError("only " + written + " bytes of " + data.length + " written");
      }
    }
  }

  /** Makes calls on the descriptor return EAGAIN instead of waiting, or wait again. */
  public static void nonBlocking(int fd, boolean on) {
    long flags = call("fcntl", errno -> (int) FCNTL.invokeExact(errno, fd, F_GETFL, 0));
    int wanted = on ? (int) flags | O_NONBLOCK : (int) flags & ~O_NONBLOCK;
    call("fcntl", errno -> (int) FCNTL.invokeExact(errno, fd, F_SETFL, wanted));
  }

  public static int ioctl(int fd, long request, MemorySegment argument) {
    return (int)
        call(
            "ioctl 0x" + Long.toHexString(request),
            errno -> (int) IOCTL.invokeExact(errno, fd, request, argument));
  }

  /** The events that came true for one descriptor, 0 when the time is over. */
  public static int poll(int fd, int events, Duration timeout) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pollfd = arena.allocate(8, 4);
      pollfd.set(JAVA_INT, 0, fd);
      pollfd.set(JAVA_SHORT, 4, (short) events);
      int millis = Math.toIntExact(timeout.toMillis());
      call("poll", errno -> (int) POLL.invokeExact(errno, pollfd, 1L, millis));
      return Short.toUnsignedInt(pollfd.get(JAVA_SHORT, 6));
    }
  }

  public static Pipe pipe() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(8, 4);
      call("pipe2", errno -> (int) PIPE2.invokeExact(errno, ends, O_CLOEXEC));
      return new Pipe(ends.get(JAVA_INT, 0), ends.get(JAVA_INT, 4));
    }
  }

  /** Moves up to that many bytes between a pipe and another descriptor without copying them. */
  public static long splice(int from, int to, long length, int flags) {
    return call(
        "splice",
        errno ->
            (long)
                SPLICE.invokeExact(
                    errno, from, MemorySegment.NULL, to, MemorySegment.NULL, length, flags));
  }

  /** Sends the next bytes of a file. */
  public static long sendfile(int socket, int file, long length) {
    return call(
        "sendfile",
        errno -> (long) SENDFILE.invokeExact(errno, socket, file, MemorySegment.NULL, length));
  }

  /** Moves the calling thread into the network namespace of that file. */
  static void enterNetworkNamespace(Path namespace) {
    int fd = open(namespace, O_RDONLY);
    try {
      call("setns", errno -> (int) SETNS.invokeExact(errno, fd, CLONE_NEWNET));
    } finally {
      close(fd);
    }
  }
}
