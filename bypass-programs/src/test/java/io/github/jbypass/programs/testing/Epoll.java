// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static io.github.jbypass.programs.testing.Native.call;
import static io.github.jbypass.programs.testing.Native.function;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.time.Duration;

/** An epoll instance that watches one socket. */
public final class Epoll implements AutoCloseable {
  public static final int EPOLLIN = 0x1;
  public static final int EPOLLOUT = 0x4;
  public static final int EPOLLRDHUP = 0x2000;
  public static final int EPOLLET = 1 << 31;

  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_MOD = 3;

  // The kernel packs the struct on x86-64 alone.
  private static final long EVENT_SIZE = System.getProperty("os.arch").equals("amd64") ? 12 : 16;

  private static final MethodHandle CREATE = function("epoll_create1", JAVA_INT, JAVA_INT);
  private static final MethodHandle CTL =
      function("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle WAIT =
      function("epoll_wait", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);

  private final int fd;
  private final PosixSocket socket;

  private Epoll(int fd, PosixSocket socket) {
    this.fd = fd;
    this.socket = socket;
  }

  /** Watches the socket for these events, which may include {@link #EPOLLET}. */
  public static Epoll watch(PosixSocket socket, int events) {
    int fd = (int) call("epoll_create1", errno -> (int) CREATE.invokeExact(errno, Posix.O_CLOEXEC));
    Epoll epoll = new Epoll(fd, socket);
    epoll.control(EPOLL_CTL_ADD, events);
    return epoll;
  }

  /** Watches for other events, or, edge-triggered, arms again for those that hold already. */
  public void modify(int events) {
    control(EPOLL_CTL_MOD, events);
  }

  private void control(int operation, int events) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(EVENT_SIZE, 4);
      event.set(JAVA_INT, 0, events);
      call("epoll_ctl", errno -> (int) CTL.invokeExact(errno, fd, operation, socket.fd(), event));
    }
  }

  /** The events that are reported, 0 when the time is over without any. */
  public int await(Duration timeout) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(EVENT_SIZE, 4);
      int millis = Math.toIntExact(timeout.toMillis());
      long count = call("epoll_wait", errno -> (int) WAIT.invokeExact(errno, fd, event, 1, millis));
      return count == 0 ? 0 : event.get(JAVA_INT, 0);
    }
  }

  @Override
  public void close() {
    Posix.close(fd);
  }
}
