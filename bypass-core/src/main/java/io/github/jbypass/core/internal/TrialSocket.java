// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A TCP socket over loopback for trying out what the kernel does with sockets in a socket map, with
 * the flags and options that Java does not give. Calls that a trial looks at return the number that
 * they return in C, or a negative error number; none waits longer than {@link #PATIENCE}.
 */
public final class TrialSocket implements AutoCloseable {
  /** How long a call that blocks waits before it gives up with EAGAIN. */
  public static final Duration PATIENCE = Duration.ofSeconds(1);

  public static final int POLLIN = 0x1;
  public static final int POLLPRI = 0x2;
  public static final int POLLOUT = 0x4;
  public static final int POLLERR = 0x8;

  public static final int MSG_OOB = 0x1;
  public static final int MSG_PEEK = 0x2;
  public static final int MSG_DONTWAIT = 0x40;
  public static final int MSG_WAITALL = 0x100;
  public static final int MSG_ZEROCOPY = 0x4000000;

  public static final int SOL_SOCKET = 1;
  public static final int IPPROTO_TCP = 6;

  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_CLOEXEC = 02000000;
  private static final int IPPROTO_MPTCP = 262;
  private static final int SO_LINGER = 13;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_SNDTIMEO = 21;
  private static final int TCP_NODELAY = 1;
  private static final int SHUT_WR = 1;
  private static final long FIONREAD = 0x541B;
  private static final int CONTROL_HEADER = 16; // of struct cmsghdr: length, level, type
  private static final int CONTROL_SIZE = 256;
  private static final int MESSAGE_HEADER = 56; // of struct msghdr

  private static final MethodHandle SOCKET =
      TrialCalls.toInt("socket", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle BIND = TrialCalls.toInt("bind", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle LISTEN = TrialCalls.toInt("listen", JAVA_INT, JAVA_INT);
  private static final MethodHandle ACCEPT =
      TrialCalls.toInt("accept4", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle CONNECT =
      TrialCalls.toInt("connect", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SEND =
      TrialCalls.toLong("send", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle RECEIVE =
      TrialCalls.toLong("recv", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle RECEIVE_MESSAGE =
      TrialCalls.toLong("recvmsg", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SET_OPTION =
      TrialCalls.toInt("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SHUTDOWN = TrialCalls.toInt("shutdown", JAVA_INT, JAVA_INT);
  private static final MethodHandle IOCTL =
      TrialCalls.variadic("ioctl", 2, JAVA_INT, JAVA_LONG, ADDRESS);
  private static final MethodHandle POLL = TrialCalls.toInt("poll", ADDRESS, JAVA_LONG, JAVA_INT);

  private final int fd;
  private final AtomicBoolean closed = new AtomicBoolean();

  private TrialSocket(int fd) {
    this.fd = fd;
    try {
      timeout(SO_RCVTIMEO, PATIENCE);
      timeout(SO_SNDTIMEO, PATIENCE);
      check("set TCP_NODELAY of", set(IPPROTO_TCP, TCP_NODELAY, 1)); // no waiting for late ACKs
    } catch (RuntimeException e) {
      LibC.close(fd);
      throw e;
    }
  }

  /** The two ends of a connection; closed by whoever asked for it. */
  public record Pair(TrialSocket client, TrialSocket server) implements AutoCloseable {
    @Override
    public void close() {
      client.close();
      server.close();
    }
  }

  /** How two sockets are connected. */
  public enum Kind {
    /** Over 127.0.0.1. */
    IPV4(AF_INET, 0),
    /** Over ::1. */
    IPV6(AF_INET6, 0),
    /** By Multipath TCP over 127.0.0.1. */
    MULTIPATH(AF_INET, IPPROTO_MPTCP);

    private final int family;
    private final int protocol;

    Kind(int family, int protocol) {
      this.family = family;
      this.protocol = protocol;
    }

    private MemorySegment loopback(Arena arena) {
      var address = arena.allocate(family == AF_INET ? 16 : 28, Integer.BYTES);
      address.set(JAVA_SHORT, 0, (short) family);
      if (family == AF_INET) {
        address.set(JAVA_BYTE, 4, (byte) 127);
        address.set(JAVA_BYTE, 7, (byte) 1);
      } else {
        address.set(JAVA_BYTE, 23, (byte) 1);
      }
      return address;
    }
  }

  /**
   * Connects two sockets over loopback.
   *
   * @throws UncheckedIOException if the kernel refuses, for instance because loopback is down
   */
  public static Pair connect(Kind kind) {
    try (var arena = Arena.ofConfined();
        var listener = open(kind)) {
      var address = listener.bind(kind, arena);
      check("listen with", TrialCalls.call((s, _) -> (int) LISTEN.invokeExact(s, listener.fd, 1)));
      var client = open(kind);
      try {
        client.connect(address);
        return new Pair(client, listener.accept());
      } catch (RuntimeException e) {
        client.close();
        throw e;
      }
    }
  }

  /**
   * Connects a socket to itself. As no listener takes part, no program that watches for local
   * connections ever enrols it, even where this process is itself accelerated.
   *
   * @throws UncheckedIOException if the kernel refuses, for instance because loopback is down
   */
  public static TrialSocket looped() {
    var socket = open(Kind.IPV4);
    try (var arena = Arena.ofConfined()) {
      socket.connect(socket.bind(Kind.IPV4, arena));
      return socket;
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static TrialSocket open(Kind kind) {
    int type = SOCK_STREAM | SOCK_CLOEXEC;
    return new TrialSocket(
        check(
            "open",
            TrialCalls.call(
                (state, _) -> (int) SOCKET.invokeExact(state, kind.family, type, kind.protocol))));
  }

  /** Binds to a free port of the loopback, and returns that address. */
  private MemorySegment bind(Kind kind, Arena arena) {
    var address = kind.loopback(arena);
    int size = (int) address.byteSize();
    check("bind", TrialCalls.call((state, _) -> (int) BIND.invokeExact(state, fd, address, size)));
    check("find the port of", SocketCalls.localAddress(fd, address));
    return address;
  }

  private void connect(MemorySegment address) {
    int size = (int) address.byteSize();
    check(
        "connect",
        TrialCalls.call((state, _) -> (int) CONNECT.invokeExact(state, fd, address, size)));
  }

  private TrialSocket accept() {
    var nowhere = MemorySegment.NULL;
    return new TrialSocket(
        check(
            "accept",
            TrialCalls.call(
                (state, _) ->
                    (int) ACCEPT.invokeExact(state, fd, nowhere, nowhere, SOCK_CLOEXEC))));
  }

  private static int check(String operation, int result) {
    return TrialCalls.check(operation + " a TCP socket on loopback", result);
  }

  /** The socket's descriptor; stays this object's. */
  public int fd() {
    return fd;
  }

  /** Sends in one call; how many bytes the kernel took. */
  public int send(byte[] data, int flags) {
    return TrialCalls.call(
        (state, arena) ->
            (long)
                SEND.invokeExact(
                    state,
                    fd,
                    arena.allocateFrom(JAVA_BYTE, data),
                    (long) data.length,
                    flags | MSG_NOSIGNAL));
  }

  /** Receives in one call; how many bytes came, 0 at the end of the stream. */
  public int receive(byte[] into, int flags) {
    try (var arena = Arena.ofConfined()) {
      var buffer = arena.allocate(into.length);
      int count =
          TrialCalls.call(
              (state, _) ->
                  (long) RECEIVE.invokeExact(state, fd, buffer, (long) into.length, flags));
      MemorySegment.copy(buffer, JAVA_BYTE, 0, into, 0, Math.max(0, count));
      return count;
    }
  }

  /** Receives that many bytes at most; the first int of a control message, if one comes along. */
  public OptionalInt receiveControl(int atMost, int level, int type) {
    try (var arena = Arena.ofConfined()) {
      var vector = arena.allocateFrom(JAVA_LONG, arena.allocate(atMost).address(), atMost);
      var control = arena.allocate(CONTROL_SIZE, Long.BYTES);
      var header = arena.allocate(MESSAGE_HEADER, Long.BYTES);
      header.set(ADDRESS, 16, vector);
      header.set(JAVA_LONG, 24, 1);
      header.set(ADDRESS, 32, control);
      header.set(JAVA_LONG, 40, CONTROL_SIZE);
      check(
          "receive from",
          TrialCalls.call((state, _) -> (long) RECEIVE_MESSAGE.invokeExact(state, fd, header, 0)));
      long end = header.get(JAVA_LONG, 40);
      for (long at = 0; at + CONTROL_HEADER + Integer.BYTES <= end; ) {
        if (control.get(JAVA_INT, at + 8) == level && control.get(JAVA_INT, at + 12) == type) {
          return OptionalInt.of(control.get(JAVA_INT, at + CONTROL_HEADER));
        }
        at += Math.max(CONTROL_HEADER, (control.get(JAVA_LONG, at) + 7) & -8);
      }
      return OptionalInt.empty();
    }
  }

  /** The bytes that can be read, as FIONREAD has it. */
  public int pending() {
    try (var arena = Arena.ofConfined()) {
      var count = arena.allocate(JAVA_INT);
      check(
          "ask FIONREAD of",
          TrialCalls.call((state, _) -> (int) IOCTL.invokeExact(state, fd, FIONREAD, count)));
      return count.get(JAVA_INT, 0);
    }
  }

  /** Waits for events, and tells which of them there are; 0 when the time is over. */
  public int poll(int events, Duration timeout) {
    try (var arena = Arena.ofConfined()) {
      var entry = arena.allocate(8, Integer.BYTES); // struct pollfd
      entry.set(JAVA_INT, 0, fd);
      entry.set(JAVA_SHORT, 4, (short) events);
      int millis = (int) timeout.toMillis();
      check("poll", TrialCalls.call((s, _) -> (int) POLL.invokeExact(s, entry, 1L, millis)));
      return entry.get(JAVA_SHORT, 6);
    }
  }

  /** Sets an option to a number. */
  public int set(int level, int name, int value) {
    try (var arena = Arena.ofConfined()) {
      return set(level, name, arena.allocateFrom(JAVA_INT, value));
    }
  }

  /** Sets an option to a name. */
  public int set(int level, int name, String value) {
    try (var arena = Arena.ofConfined()) {
      return set(level, name, arena.allocateFrom(value));
    }
  }

  private int set(int level, int name, MemorySegment value) {
    int size = (int) value.byteSize();
    return TrialCalls.call(
        (state, _) -> (int) SET_OPTION.invokeExact(state, fd, level, name, value, size));
  }

  /** A number in an option's value, at an offset in bytes. */
  public int get(int level, int name, int offset) {
    try (var arena = Arena.ofConfined()) {
      var value = arena.allocate(offset + Integer.BYTES, Long.BYTES);
      check("ask for an option of", SocketCalls.option(fd, level, name, value));
      return value.get(JAVA_INT, offset);
    }
  }

  /** A number of eight bytes that the kernel gives the socket for life (SO_COOKIE). */
  public long cookie() {
    try (var arena = Arena.ofConfined()) {
      var value = arena.allocate(JAVA_LONG);
      check("ask for the cookie of", SocketCalls.option(fd, SOL_SOCKET, 57, value));
      return value.get(JAVA_LONG, 0);
    }
  }

  /** Sends the end of the stream; receiving goes on. */
  public void shutdownOutput() {
    check("shut down", TrialCalls.call((s, _) -> (int) SHUTDOWN.invokeExact(s, fd, SHUT_WR)));
  }

  /** Ends the connection with a reset. */
  public void reset() {
    try (var arena = Arena.ofConfined()) {
      check("reset", set(SOL_SOCKET, SO_LINGER, arena.allocateFrom(JAVA_INT, 1, 0)));
    }
    close();
  }

  /** How long receiving waits. */
  public void receiveTimeout(Duration timeout) {
    timeout(SO_RCVTIMEO, timeout);
  }

  private void timeout(int option, Duration timeout) {
    try (var arena = Arena.ofConfined()) {
      var value = arena.allocateFrom(JAVA_LONG, timeout.toSeconds(), timeout.toNanosPart() / 1000);
      check("set a timeout of", set(SOL_SOCKET, option, value));
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      LibC.close(fd);
    }
  }
}
