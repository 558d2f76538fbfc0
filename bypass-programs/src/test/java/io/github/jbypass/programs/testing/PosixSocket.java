// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A socket of the kernel, with the calls that Java doesn't give: flags, vectors, timeouts.
 *
 * <p>A blocking call gives up with EAGAIN after {@link #PATIENCE}, so that no test can hang.
 */
public final class PosixSocket implements AutoCloseable {
  /** How long a blocking call waits before the test is taken to have failed. */
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  public static final int MSG_OOB = 0x1;
  public static final int MSG_PEEK = 0x2;
  public static final int MSG_TRUNC = 0x20;
  public static final int MSG_DONTWAIT = 0x40;
  public static final int MSG_WAITALL = 0x100;
  public static final int MSG_NOSIGNAL = 0x4000;
  public static final int MSG_MORE = 0x8000;
  public static final int MSG_ZEROCOPY = 0x4000000;
  public static final int MSG_FASTOPEN = 0x20000000;

  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = Posix.O_CLOEXEC;
  private static final int IPPROTO_MPTCP = 262;
  private static final int SHUT_RD = 0;
  private static final int SHUT_WR = 1;
  private static final long FIONREAD = 0x541B;
  private static final int MAX_DATAGRAM = 2048;

  private final int fd;
  private final Domain domain;
  private final AtomicBoolean closed = new AtomicBoolean();

  private PosixSocket(int fd, Domain domain) {
    this.fd = fd;
    this.domain = domain;
    timeout(SocketOption.SO_RCVTIMEO, PATIENCE);
    timeout(SocketOption.SO_SNDTIMEO, PATIENCE);
  }

  /** The address family of a socket. */
  public enum Domain {
    INET(2),
    INET6(10),
    UNIX(1);

    private final int number;

    Domain(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }

  /** An unconnected socket; an IPv6 one speaks IPv4 too. */
  public static PosixSocket tcp(Domain domain) {
    return create(domain, 0);
  }

  /** The same for Multipath TCP, which falls back to TCP where the other end doesn't know it. */
  public static PosixSocket multipath(Domain domain) {
    return create(domain, IPPROTO_MPTCP);
  }

  /** A UDP socket; an IPv6 one speaks IPv4 too. */
  public static PosixSocket udp(Domain domain) {
    return create(domain, SOCK_DGRAM, 0);
  }

  /** A socket of this host alone, bound to nothing. */
  public static PosixSocket unix() {
    return create(Domain.UNIX, 0);
  }

  private static PosixSocket create(Domain domain, int protocol) {
    return create(domain, SOCK_STREAM, protocol);
  }

  private static PosixSocket create(Domain domain, int type, int protocol) {
    return new PosixSocket(
        SocketCalls.socket(domain.number(), type | SOCK_CLOEXEC, protocol), domain);
  }

  /** The descriptor; refused once closed, because its number may be somebody else's by then. */
  public int fd() {
    if (closed.get()) {
      throw new IllegalStateException("the socket is closed");
    }
    return fd;
  }

  public PosixSocket bind(InetAddress address, int port) {
    try (Arena arena = Arena.ofConfined()) {
      SocketCalls.bind(fd(), SockAddr.encode(new InetSocketAddress(address, port), domain, arena));
    }
    return this;
  }

  public PosixSocket listen(int backlog) {
    SocketCalls.listen(fd(), backlog);
    return this;
  }

  public PosixSocket accept() {
    return new PosixSocket(SocketCalls.accept(fd(), SOCK_CLOEXEC), domain);
  }

  public PosixSocket connect(InetSocketAddress address) {
    try (Arena arena = Arena.ofConfined()) {
      SocketCalls.connect(fd(), SockAddr.encode(address, domain, arena));
    }
    return this;
  }

  /** Dissolves the connection; the socket can connect anew. */
  public void disconnect() {
    try (Arena arena = Arena.ofConfined()) {
      SocketCalls.connect(fd(), SockAddr.unspecified(arena));
    }
  }

  public InetSocketAddress localAddress() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = SockAddr.allocate(arena);
      SocketCalls.localAddress(fd(), address, arena.allocateFrom(JAVA_INT, SockAddr.MAX_SIZE));
      return SockAddr.decode(address);
    }
  }

  public InetSocketAddress peerAddress() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = SockAddr.allocate(arena);
      SocketCalls.peerAddress(fd(), address, arena.allocateFrom(JAVA_INT, SockAddr.MAX_SIZE));
      return SockAddr.decode(address);
    }
  }

  /** One call: the number of bytes that the kernel took. */
  public int send(byte[] data, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return send(arena.allocateFrom(JAVA_BYTE, data), flags);
    }
  }

  public int send(byte[] data) {
    return send(data, 0);
  }

  /** One call; a broken connection is an exception, never a signal. */
  public int send(MemorySegment data, int flags) {
    return (int) SocketCalls.send(fd(), data, flags | MSG_NOSIGNAL);
  }

  /** Sends a datagram; or connects and sends in one call, as TCP Fast Open does. */
  public int sendTo(byte[] data, int flags, InetSocketAddress address) {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          SocketCalls.sendTo(
              fd(),
              arena.allocateFrom(JAVA_BYTE, data),
              flags | MSG_NOSIGNAL,
              SockAddr.encode(address, domain, arena));
    }
  }

  /** As many calls as it takes. */
  public void sendAll(byte[] data) {
    try (Arena arena = Arena.ofConfined()) {
      sendAll(arena.allocateFrom(JAVA_BYTE, data));
    }
  }

  public void sendAll(MemorySegment data) {
    for (long sent = 0; sent < data.byteSize(); ) {
      sent += send(data.asSlice(sent), 0);
    }
  }

  /** One call: what came, empty at the end of the stream. */
  public byte[] receive(int atMost, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment into = arena.allocate(atMost);
      return into.asSlice(0, receive(into, flags)).toArray(JAVA_BYTE);
    }
  }

  public byte[] receive(int atMost) {
    return receive(atMost, 0);
  }

  public int receive(MemorySegment into, int flags) {
    return (int) SocketCalls.receive(fd(), into, flags);
  }

  /** The next datagram and where it says it comes from. */
  public Datagram receiveFrom() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment into = arena.allocate(MAX_DATAGRAM);
      MemorySegment source = SockAddr.allocate(arena);
      long size =
          SocketCalls.receiveFrom(
              fd(), into, 0, source, arena.allocateFrom(JAVA_INT, SockAddr.MAX_SIZE));
      return new Datagram(into.asSlice(0, size).toArray(JAVA_BYTE), SockAddr.decode(source));
    }
  }

  /** Waits by poll: a receive that waits itself may end early, see KernelDifferencesTest. */
  public int receiveWhenReady(MemorySegment into) {
    poll(Posix.POLLIN, PATIENCE);
    return receive(into, MSG_DONTWAIT);
  }

  /** As many calls as it takes to read that many bytes, fewer only if the stream ends before. */
  public byte[] receiveFully(int length) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (all.size() < length) {
      byte[] some = receive(Math.min(length - all.size(), 1 << 16));
      if (some.length == 0) {
        break;
      }
      all.writeBytes(some);
    }
    return all.toByteArray();
  }

  /** Everything up to the end of the stream. */
  public byte[] receiveToEnd() {
    return receiveFully(Integer.MAX_VALUE);
  }

  /** One call that sends all the buffers. */
  public long writev(byte[]... buffers) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment vectors = arena.allocate(16L * buffers.length, 8);
      for (int i = 0; i < buffers.length; i++) {
        setVector(vectors, i, arena.allocateFrom(JAVA_BYTE, buffers[i]));
      }
      return SocketCalls.writev(fd(), vectors, buffers.length);
    }
  }

  /** One call that fills the buffers in turn; the number of bytes read. */
  public long readv(byte[]... buffers) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment vectors = arena.allocate(16L * buffers.length, 8);
      MemorySegment[] segments = new MemorySegment[buffers.length];
      for (int i = 0; i < buffers.length; i++) {
        segments[i] = arena.allocate(Math.max(1, buffers[i].length)).asSlice(0, buffers[i].length);
        setVector(vectors, i, segments[i]);
      }
      long read = SocketCalls.readv(fd(), vectors, buffers.length);
      for (int i = 0; i < buffers.length; i++) {
        MemorySegment.copy(segments[i], JAVA_BYTE, 0, buffers[i], 0, buffers[i].length);
      }
      return read;
    }
  }

  private static void setVector(MemorySegment vectors, int index, MemorySegment buffer) {
    vectors.setAtIndex(JAVA_LONG, 2L * index, buffer.address());
    vectors.setAtIndex(JAVA_LONG, 2L * index + 1, buffer.byteSize());
  }

  /** What FIONREAD answers: the bytes that can be read now. */
  public int available() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(JAVA_INT);
      Posix.ioctl(fd(), FIONREAD, result);
      return result.get(JAVA_INT, 0);
    }
  }

  /** The events of {@link Posix} that hold for this socket, 0 when the time is over. */
  public int poll(int events, Duration timeout) {
    return Posix.poll(fd(), events, timeout);
  }

  public PosixSocket nonBlocking(boolean on) {
    Posix.nonBlocking(fd(), on);
    return this;
  }

  public PosixSocket set(SocketOption option, int value) {
    try (Arena arena = Arena.ofConfined()) {
      SocketCalls.setOption(fd(), option, arena.allocateFrom(JAVA_INT, value));
    }
    return this;
  }

  public int get(SocketOption option) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_INT);
      SocketCalls.getOption(fd(), option, value, arena.allocateFrom(JAVA_INT, 4));
      return value.get(JAVA_INT, 0);
    }
  }

  /** Asks for any option with a buffer of that size. */
  public OptionAnswer option(int level, int name, int size) {
    byte[] buffer = new byte[size];
    Arrays.fill(buffer, (byte) 0x5A);
    return option(level, name, buffer);
  }

  /** Asks for an option that reads the buffer before it writes to it. */
  public OptionAnswer option(int level, int name, byte[] buffer) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(buffer.length + 1L).asSlice(0, buffer.length);
      value.copyFrom(MemorySegment.ofArray(buffer));
      return option(level, name, value, arena.allocateFrom(JAVA_INT, buffer.length));
    }
  }

  /** Sets any option. */
  public PosixSocket setOption(int level, int name, byte[] value) {
    try (Arena arena = Arena.ofConfined()) {
      SocketCalls.setOption(fd(), level, name, arena.allocateFrom(JAVA_BYTE, value));
    }
    return this;
  }

  /** Asks for any option without a buffer. */
  public OptionAnswer optionWithoutBuffer(int level, int name, int size) {
    try (Arena arena = Arena.ofConfined()) {
      return option(level, name, MemorySegment.NULL, arena.allocateFrom(JAVA_INT, size));
    }
  }

  private OptionAnswer option(int level, int name, MemorySegment value, MemorySegment length) {
    int errno = SocketCalls.askForOption(fd(), level, name, value, length);
    return OptionAnswer.of(errno, length.get(JAVA_INT, 0), value.toArray(JAVA_BYTE));
  }

  /** Sets SO_RCVTIMEO or SO_SNDTIMEO. */
  public PosixSocket timeout(SocketOption option, Duration timeout) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment timeval =
          arena.allocateFrom(JAVA_LONG, timeout.toSeconds(), timeout.toNanosPart() / 1000);
      SocketCalls.setOption(fd(), option, timeval);
    }
    return this;
  }

  /** Confines the socket to a network device. */
  public PosixSocket bindToDevice(String name) {
    try (Arena arena = Arena.ofConfined()) {
      SocketCalls.setOption(fd(), SocketOption.SO_BINDTODEVICE, arena.allocateFrom(name));
    }
    return this;
  }

  /** Makes close() discard what is unsent and reset the connection. */
  public PosixSocket resetOnClose() {
    try (Arena arena = Arena.ofConfined()) {
      SocketCalls.setOption(fd(), SocketOption.SO_LINGER, arena.allocateFrom(JAVA_INT, 1, 0));
    }
    return this;
  }

  public void shutdownOutput() {
    SocketCalls.shutdown(fd(), SHUT_WR);
  }

  public void shutdownInput() {
    SocketCalls.shutdown(fd(), SHUT_RD);
  }

  @Override
  public String toString() {
    return "socket " + fd;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Posix.close(fd);
    }
  }
}
