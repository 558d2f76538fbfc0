// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.SocketCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Tells a proxy where the connections that it accepts were meant to go (SO_ORIGINAL_DST), whether
 * iptables REDIRECT led them to it or {@link BypassBuilder#intercept}. Takes no privileges and no
 * {@link Bypass} in this process.
 *
 * {@snippet :
 * SocketChannel client = listener.accept();
 * Optional<InetSocketAddress> target = RedirectedSocket.originalDestination(client);
 * }
 *
 * <p>Thread-safe.
 */
public final class RedirectedSocket {
  private static final Path OPEN_FILES = Path.of("/proc/self/fd");
  private static final int SOL_SOCKET = 1;
  private static final int SO_COOKIE = 57;
  private static final int SOL_IP = 0;
  private static final int SOL_IPV6 = 41;
  private static final int SO_ORIGINAL_DST = 80; // at SOL_IPV6 as well
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCKADDR_SIZE = 28; // of struct sockaddr_in6, the larger one

  private RedirectedSocket() {}

  /**
   * Where an accepted connection was meant to go.
   *
   * <p>As Java tells nobody a channel's file descriptor, it is looked for among all that this
   * process has open: that takes a few microseconds for each socket. Who knows the descriptor calls
   * {@link #originalDestination(int)}.
   *
   * @param channel a connected channel
   * @return empty if the connection was made to the channel's own address
   * @throws ClosedChannelException if the channel is closed, or gets closed meanwhile
   * @throws NotYetConnectedException if it is not connected
   * @throws IllegalStateException if another socket of this process has the same addresses and
   *     ports, in another network namespace
   * @throws IOException if the open files can't be listed: /proc has to be mounted
   */
  public static Optional<InetSocketAddress> originalDestination(SocketChannel channel)
      throws IOException {
    var local = (InetSocketAddress) channel.getLocalAddress();
    var remote = (InetSocketAddress) channel.getRemoteAddress();
    if (remote == null) {
      throw new NotYetConnectedException();
    }
    var fd = find(local, remote);
    var answer = fd.isPresent() ? originalDestination(fd.getAsInt()) : null;
    if (!channel.isOpen()) {
      throw new ClosedChannelException(); // its descriptor may have become another file's
    }
    if (answer == null) {
      throw new IOException(
          "no open file of this process is the socket %s of %s".formatted(local, remote));
    }
    return answer;
  }

  /**
   * Where an accepted connection was meant to go.
   *
   * @param fd a connected TCP socket's descriptor; has to stay open meanwhile
   * @return empty if the connection was made to the socket's own address
   * @throws BpfException (EBADF, ENOTSOCK) if it is no socket
   */
  public static Optional<InetSocketAddress> originalDestination(int fd) {
    try (var arena = Arena.ofConfined()) {
      var sockaddr = arena.allocate(SOCKADDR_SIZE, Long.BYTES);
      int length = SocketCalls.localAddress(fd, sockaddr);
      if (length < 0) {
        throw failure(fd, -length);
      }
      var local = decode(sockaddr);
      // A dual-stack socket has IPv4 connections, which only the IPv4 layer knows.
      int level = local != null && local.getAddress() instanceof Inet4Address ? SOL_IP : SOL_IPV6;
      length = SocketCalls.option(fd, level, SO_ORIGINAL_DST, sockaddr);
      if (length == -Errno.ENOENT || length == -Errno.ENOPROTOOPT) {
        return Optional.empty(); // nobody redirects here, or not this connection
      }
      if (length < 0) {
        throw failure(fd, -length);
      }
      return Optional.ofNullable(decode(sockaddr)).filter(answer -> !answer.equals(local));
    }
  }

  private static BpfException failure(int fd, int errno) {
    return new BpfException(
        "ask for the original destination of",
        "file descriptor " + fd,
        errno,
        Errno.meaning(errno));
  }

  private static OptionalInt find(InetSocketAddress local, InetSocketAddress remote)
      throws IOException {
    int found = -1;
    long cookie = 0;
    try (var arena = Arena.ofConfined();
        var files = Files.newDirectoryStream(OPEN_FILES)) {
      var memory = arena.allocate(SOCKADDR_SIZE, Long.BYTES);
      for (var file : files) {
        int fd = Integer.parseInt(file.getFileName().toString());
        if (SocketCalls.remoteAddress(fd, memory) < 0
            || !remote.equals(decode(memory))
            || SocketCalls.localAddress(fd, memory) < 0
            || !local.equals(decode(memory))
            || SocketCalls.option(fd, SOL_SOCKET, SO_COOKIE, memory) < 0) {
          continue;
        }
        if (found >= 0 && cookie != memory.get(JAVA_LONG, 0)) {
          throw new IllegalStateException(
              "two sockets connect %s with %s, in different network namespaces: name the"
                      .formatted(local, remote)
                  + " descriptor");
        }
        found = fd;
        cookie = memory.get(JAVA_LONG, 0);
      }
    }
    return found < 0 ? OptionalInt.empty() : OptionalInt.of(found);
  }

  private static @Nullable InetSocketAddress decode(MemorySegment sockaddr) {
    var bytes =
        switch (sockaddr.get(JAVA_SHORT_UNALIGNED, 0)) {
          case AF_INET -> sockaddr.asSlice(4, 4).toArray(JAVA_BYTE);
          case AF_INET6 -> sockaddr.asSlice(8, 16).toArray(JAVA_BYTE);
          default -> null;
        };
    if (bytes == null) {
      return null;
    }
    int port = sockaddr.get(JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 2) & 0xffff;
    try {
      return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e); // 4 or 16 bytes
    }
  }
}
