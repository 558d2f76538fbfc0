// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import java.time.Duration;

/** An epoll instance that watches whether one socket can be read, for trials. */
public final class TrialEpoll implements AutoCloseable {
  private static final int EPOLL_CLOEXEC = 02000000;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLLIN = 1;
  private static final int EPOLLET = 1 << 31;

  /** The kernel packs the struct on x86-64 alone. */
  private static final int EVENT_SIZE = "amd64".equals(System.getProperty("os.arch")) ? 12 : 16;

  private static final MethodHandle CREATE = TrialCalls.toInt("epoll_create1", JAVA_INT);
  private static final MethodHandle CONTROL =
      TrialCalls.toInt("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle WAIT =
      TrialCalls.toInt("epoll_wait", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);

  private final int fd;

  /** Begins to watch, by edges or by level. */
  public TrialEpoll(TrialSocket socket, boolean edges) {
    fd = check(TrialCalls.call((state, _) -> (int) CREATE.invokeExact(state, EPOLL_CLOEXEC)));
    try (var arena = Arena.ofConfined()) {
      var event = arena.allocate(EVENT_SIZE, Integer.BYTES);
      event.set(JAVA_INT, 0, edges ? EPOLLIN | EPOLLET : EPOLLIN);
      check(
          TrialCalls.call(
              (state, _) ->
                  (int) CONTROL.invokeExact(state, fd, EPOLL_CTL_ADD, socket.fd(), event)));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static int check(int result) {
    return TrialCalls.check("watch by epoll", result);
  }

  /** Whether the socket is reported within the time. */
  public boolean reports(Duration timeout) {
    try (var arena = Arena.ofConfined()) {
      var event = arena.allocate(EVENT_SIZE, Integer.BYTES);
      int millis = (int) timeout.toMillis();
      return check(TrialCalls.call((s, _) -> (int) WAIT.invokeExact(s, fd, event, 1, millis))) > 0;
    }
  }

  @Override
  public void close() {
    LibC.close(fd);
  }
}
