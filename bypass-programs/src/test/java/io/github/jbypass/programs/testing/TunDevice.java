// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.Predicate;

/** A network device whose packets the test itself carries. It vanishes when closed. */
public final class TunDevice implements AutoCloseable {
  /** Room for any packet, or frame, of the usual MTU, with what a test may add to it. */
  static final int MAX_PACKET = 1600;

  private static final long TUNSETIFF = 0x400454CA;
  private static final short IFF_TUN = 0x1;
  private static final short IFF_TAP = 0x2;
  private static final short IFF_NO_PI = 0x1000;
  private static final int IFREQ_SIZE = 40;
  private static final int IFNAMSIZ = 16;

  private final int fd;

  private TunDevice(int fd) {
    this.fd = fd;
  }

  /** Makes a device of IP packets in the calling thread's namespace. */
  public static TunDevice create(String name) {
    return create(name, IFF_TUN);
  }

  /** Makes a device of Ethernet frames in the calling thread's namespace. */
  static TunDevice createEthernet(String name) {
    return create(name, IFF_TAP);
  }

  private static TunDevice create(String name, short kind) {
    TunDevice device = new TunDevice(Posix.open(Path.of("/dev/net/tun"), Posix.O_RDWR));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(IFREQ_SIZE, 8);
      request.setString(0, name);
      request.set(JAVA_SHORT, IFNAMSIZ, (short) (kind | IFF_NO_PI));
      Posix.ioctl(device.fd, TUNSETIFF, request);
      Posix.nonBlocking(device.fd, true);
      return device;
    } catch (RuntimeException e) {
      device.close();
      throw e;
    }
  }

  int fd() {
    return fd;
  }

  /** Has the kernel receive a packet. */
  public void deliver(byte[] packet) {
    Posix.write(fd, packet);
  }

  /** The next packet that the kernel sends and that the test is interested in. */
  public byte[] next(Predicate<byte[]> interesting) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(MAX_PACKET);
      while (Posix.poll(fd, Posix.POLLIN, PosixSocket.PATIENCE) != 0) {
        byte[] packet = buffer.asSlice(0, Posix.read(fd, buffer)).toArray(JAVA_BYTE);
        if (interesting.test(packet)) {
          return packet;
        }
      }
      throw new AssertionError("no packet came");
    }
  }

  @Override
  public void close() {
    Posix.close(fd);
  }
}
