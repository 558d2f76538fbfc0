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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Consumer;

/**
 * A conversation with the kernel about network devices (rtnetlink). It stays in the network
 * namespace in which it was opened. Not thread-safe. Returns a negative error number on failure.
 */
public final class RouteSocket implements AutoCloseable {
  public static final int REPLACE_EXISTING = 0;
  public static final int CREATE_NEW = 0x400 | 0x200; // NLM_F_CREATE | NLM_F_EXCL

  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_CLOEXEC = 02000000;
  private static final int NETLINK_ROUTE = 0;
  private static final int NLM_F_REQUEST = 1;
  private static final int NLM_F_ACK = 4;
  private static final int NLM_F_ECHO = 8;
  private static final int NLM_F_DUMP = 0x300;
  private static final int NLM_F_DUMP_INTR = 0x10;
  private static final int NLMSG_ERROR = 2;
  private static final int NLMSG_DONE = 3;
  private static final int BUFFER_SIZE = 64 * 1024; // the kernel fills at most 32 KiB
  private static final int ATTEMPTS = 10;

  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final FunctionDescriptor TRANSFER =
      FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SOCKET =
      NativeCode.libc(
          "socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), ERRNO);
  private static final MethodHandle SEND = NativeCode.libc("send", TRANSFER, ERRNO);
  private static final MethodHandle RECV = NativeCode.libc("recv", TRANSFER, ERRNO);

  private final int fd;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
  private final MemorySegment received = arena.allocate(BUFFER_SIZE, Long.BYTES);
  private int sequence;

  /** Takes ownership of a descriptor that {@link #open} returned. */
  public RouteSocket(int fd) {
    this.fd = fd;
  }

  /** Opens a descriptor in the calling thread's network namespace. */
  public static int open() {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      int fd = (int) SOCKET.invokeExact(state, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
      return fd < 0 ? -LibC.errno(state) : fd;
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Has the kernel do something. */
  public int execute(int type, int flags, RouteMessage message) {
    return transact(type, flags | NLM_F_ACK, message, _ -> {});
  }

  /** Has the kernel make something and tell what it has made. */
  public int create(int type, RouteMessage message, Consumer<RouteMessage> made) {
    return transact(type, CREATE_NEW | NLM_F_ACK | NLM_F_ECHO, message, made);
  }

  /**
   * Has the kernel list things, again if they change meanwhile.
   *
   * @param found where to put them
   */
  public int list(int type, RouteMessage message, List<RouteMessage> found) {
    int result = -Errno.EINTR;
    for (int i = 0; i < ATTEMPTS && result == -Errno.EINTR; i++) {
      found.clear();
      result = transact(type, NLM_F_DUMP, message, found::add);
    }
    return result;
  }

  private int transact(int type, int flags, RouteMessage message, Consumer<RouteMessage> each) {
    var bytes = message.bytes();
    int length = bytes.position();
    sequence++;
    bytes.putInt(0, length).putShort(4, (short) type).putShort(6, (short) (flags | NLM_F_REQUEST));
    bytes.putInt(8, sequence).putInt(12, 0);
    long sent = transfer(SEND, MemorySegment.ofBuffer(bytes.duplicate().flip()));
    return sent < 0 ? (int) sent : receive(each);
  }

  private int receive(Consumer<RouteMessage> each) {
    boolean inconsistent = false;
    while (true) {
      long size = transfer(RECV, received);
      if (size < 0) {
        return (int) size;
      }
      var buffer = received.asSlice(0, size).asByteBuffer().order(ByteOrder.nativeOrder());
      for (int at = 0; at + RouteMessage.HEADER_SIZE <= size; ) {
        int length = buffer.getInt(at);
        int type = Short.toUnsignedInt(buffer.getShort(at + 4));
        if (buffer.getInt(at + 8) == sequence) {
          inconsistent |= (buffer.getShort(at + 6) & NLM_F_DUMP_INTR) != 0;
          if (type == NLMSG_ERROR || type == NLMSG_DONE) {
            int result = buffer.getInt(at + RouteMessage.HEADER_SIZE);
            return result == 0 && inconsistent ? -Errno.EINTR : result;
          }
          each.accept(RouteMessage.of(payload(buffer, at, length)));
        }
        at += RouteMessage.aligned(length);
      }
    }
  }

  private static ByteBuffer payload(ByteBuffer buffer, int at, int length) {
    var copy = new byte[length - RouteMessage.HEADER_SIZE];
    buffer.get(at + RouteMessage.HEADER_SIZE, copy);
    return ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder());
  }

  private long transfer(MethodHandle function, MemorySegment memory) {
    try {
      while (true) {
        long n = (long) function.invokeExact(state, fd, memory, memory.byteSize(), 0);
        if (n >= 0) {
          return n;
        }
        int errno = LibC.errno(state);
        if (errno != Errno.EINTR) { // a signal for the JVM is no answer of the kernel
          return -errno;
        }
      }
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
