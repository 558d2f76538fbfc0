// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** A network device whose packets the test itself carries. It vanishes when closed. */
final class TunDevice implements AutoCloseable {
  static final int MTU = 1500;

  private static final long TUNSETIFF = 0x400454CA;
  private static final short IFF_TUN = 0x1;
  private static final short IFF_NO_PI = 0x1000;
  private static final int IFREQ_SIZE = 40;
  private static final int IFNAMSIZ = 16;

  private final int fd;

  private TunDevice(int fd) {
    this.fd = fd;
  }

  /** Makes the device in the calling thread's namespace. */
  static TunDevice create(String name) {
    TunDevice device = new TunDevice(Posix.open(Path.of("/dev/net/tun"), Posix.O_RDWR));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(IFREQ_SIZE, 8);
      request.setString(0, name);
      request.set(JAVA_SHORT, IFNAMSIZ, (short) (IFF_TUN | IFF_NO_PI));
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

  @Override
  public void close() {
    Posix.close(fd);
  }
}
