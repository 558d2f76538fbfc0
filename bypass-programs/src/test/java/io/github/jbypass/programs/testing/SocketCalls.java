// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static io.github.jbypass.programs.testing.Native.call;
import static io.github.jbypass.programs.testing.Native.function;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The socket calls of libc, unadorned; {@link PosixSocket} gives them types. */
final class SocketCalls {
  private static final MethodHandle SOCKET =
      function("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle BIND = function("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle LISTEN = function("listen", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle ACCEPT4 =
      function("accept4", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle CONNECT =
      function("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SEND =
      function("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SENDTO =
      function("sendto", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle RECV =
      function("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle RECVFROM =
      function("recvfrom", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle WRITEV =
      function("writev", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle READV =
      function("readv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SHUTDOWN = function("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle SETSOCKOPT =
      function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle GETSOCKOPT =
      function("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETSOCKNAME =
      function("getsockname", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETPEERNAME =
      function("getpeername", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);

  private SocketCalls() {}

  static int socket(int domain, int type, int protocol) {
    return (int) call("socket", errno -> (int) SOCKET.invokeExact(errno, domain, type, protocol));
  }

  static void bind(int fd, MemorySegment address) {
    call("bind", errno -> (int) BIND.invokeExact(errno, fd, address, (int) address.byteSize()));
  }

  static void listen(int fd, int backlog) {
    call("listen", errno -> (int) LISTEN.invokeExact(errno, fd, backlog));
  }

  static int accept(int fd, int flags) {
    return (int)
        call(
            "accept4",
            errno ->
                (int)
                    ACCEPT4.invokeExact(errno, fd, MemorySegment.NULL, MemorySegment.NULL, flags));
  }

  static void connect(int fd, MemorySegment address) {
    call(
        "connect",
        errno -> (int) CONNECT.invokeExact(errno, fd, address, (int) address.byteSize()));
  }

  static long send(int fd, MemorySegment data, int flags) {
    return call("send", errno -> (long) SEND.invokeExact(errno, fd, data, data.byteSize(), flags));
  }

  static long sendTo(int fd, MemorySegment data, int flags, MemorySegment address) {
    return call(
        "sendto",
        errno ->
            (long)
                SENDTO.invokeExact(
                    errno, fd, data, data.byteSize(), flags, address, (int) address.byteSize()));
  }

  static long receive(int fd, MemorySegment into, int flags) {
    return call("recv", errno -> (long) RECV.invokeExact(errno, fd, into, into.byteSize(), flags));
  }

  static long receiveFrom(
      int fd, MemorySegment into, int flags, MemorySegment address, MemorySegment length) {
    return call(
        "recvfrom",
        errno ->
            (long) RECVFROM.invokeExact(errno, fd, into, into.byteSize(), flags, address, length));
  }

  static long writev(int fd, MemorySegment vectors, int count) {
    return call("writev", errno -> (long) WRITEV.invokeExact(errno, fd, vectors, count));
  }

  static long readv(int fd, MemorySegment vectors, int count) {
    return call("readv", errno -> (long) READV.invokeExact(errno, fd, vectors, count));
  }

  static void shutdown(int fd, int how) {
    call("shutdown", errno -> (int) SHUTDOWN.invokeExact(errno, fd, how));
  }

  static void setOption(int fd, SocketOption option, MemorySegment value) {
    setOption(fd, option.level(), option.number(), value);
  }

  static void setOption(int fd, int level, int name, MemorySegment value) {
    call(
        "setsockopt " + level + "/" + name,
        errno ->
            (int) SETSOCKOPT.invokeExact(errno, fd, level, name, value, (int) value.byteSize()));
  }

  static void getOption(int fd, SocketOption option, MemorySegment value, MemorySegment length) {
    call(
        "getsockopt " + option,
        errno ->
            (int)
                GETSOCKOPT.invokeExact(errno, fd, option.level(), option.number(), value, length));
  }

  /** The error number that the call ended with, 0 for none. */
  static int askForOption(int fd, int level, int name, MemorySegment value, MemorySegment length) {
    return Native.errnoOf(
        "getsockopt", errno -> (int) GETSOCKOPT.invokeExact(errno, fd, level, name, value, length));
  }

  static void localAddress(int fd, MemorySegment address, MemorySegment length) {
    call("getsockname", errno -> (int) GETSOCKNAME.invokeExact(errno, fd, address, length));
  }

  static void peerAddress(int fd, MemorySegment address, MemorySegment length) {
    call("getpeername", errno -> (int) GETPEERNAME.invokeExact(errno, fd, address, length));
  }
}
