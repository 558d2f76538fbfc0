// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A TCP socket over 127.0.0.1 that is connected to itself, for trying out what the kernel does with
 * sockets in a socket map. As no listener takes part, no program that watches for local connections
 * ever enrols it, even where this process is itself accelerated. Used by one thread at a time.
 */
public final class LoopedSocket implements AutoCloseable {
  private static final int AF_INET = 2;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_CLOEXEC = 02000000;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final long FIONREAD = 0x541B;
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final int ADDRESS_SIZE = 16; // of struct sockaddr_in
  private static final int ADDRESS_OFFSET = 4;

  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final FunctionDescriptor TAKES_ADDRESS =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SOCKET =
      NativeCode.libc(
          "socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), ERRNO);
  private static final MethodHandle BIND = NativeCode.libc("bind", TAKES_ADDRESS, ERRNO);
  private static final MethodHandle CONNECT = NativeCode.libc("connect", TAKES_ADDRESS, ERRNO);
  private static final MethodHandle NAME =
      NativeCode.libc(
          "getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS), ERRNO);
  private static final MethodHandle SEND =
      NativeCode.libc(
          "send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT), ERRNO);
  private static final MethodHandle IOCTL =
      NativeCode.libc(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
          ERRNO,
          Linker.Option.firstVariadicArg(2));

  private final Arena arena = Arena.ofShared(); // whoever closes
  private final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
  private final int fd;

  /**
   * Opens and connects a socket.
   *
   * @throws UncheckedIOException if the kernel refuses, for instance because loopback is down
   */
  public LoopedSocket() {
    try {
      fd = check("open", (int) SOCKET.invokeExact(state, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    } catch (Throwable t) {
      arena.close();
      throw NativeCode.failure(t);
    }
    try {
      var address = arena.allocate(ADDRESS_SIZE, Integer.BYTES);
      var length = arena.allocateFrom(JAVA_INT, ADDRESS_SIZE);
      address.set(JAVA_SHORT, 0, (short) AF_INET);
      MemorySegment.copy(LOOPBACK, 0, address, JAVA_BYTE, ADDRESS_OFFSET, LOOPBACK.length);
      check("bind", (int) BIND.invokeExact(state, fd, address, ADDRESS_SIZE));
      check("find the port of", (int) NAME.invokeExact(state, fd, address, length));
      check("connect", (int) CONNECT.invokeExact(state, fd, address, ADDRESS_SIZE));
    } catch (Throwable t) {
      close();
      throw NativeCode.failure(t);
    }
  }

  private int check(String operation, int result) {
    if (result < 0) {
      int errno = LibC.errno(state);
      throw new UncheckedIOException(
          new IOException(
              "%s a TCP socket on 127.0.0.1: %s; is lo up? [%s]"
                  .formatted(operation, Errno.meaning(errno), Errno.name(errno))));
    }
    return result;
  }

  /** The socket's descriptor; stays this object's. */
  public int fd() {
    return fd;
  }

  /** Sends zeros, without waiting for them to arrive. */
  public void send(int bytes) {
    var data = arena.allocate(bytes);
    try {
      long sent = (long) SEND.invokeExact(state, fd, data, (long) bytes, MSG_NOSIGNAL);
      check("send to", (int) sent);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** The bytes that can be read, as FIONREAD has it. */
  public int pending() {
    var count = arena.allocate(JAVA_INT);
    try {
      check("ask FIONREAD of", (int) IOCTL.invokeExact(state, fd, FIONREAD, count));
      return count.get(JAVA_INT, 0);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      LibC.close(fd);
      arena.close();
    }
  }
}
