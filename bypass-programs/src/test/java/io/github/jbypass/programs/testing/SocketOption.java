// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

/** The integer options that the tests set and read, by their names in C. */
public enum SocketOption {
  IP_BIND_ADDRESS_NO_PORT(0, 24),
  SO_REUSEADDR(1, 2),
  SO_ERROR(1, 4),
  SO_SNDBUF(1, 7),
  SO_RCVBUF(1, 8),
  SO_LINGER(1, 13),
  SO_REUSEPORT(1, 15),
  SO_RCVLOWAT(1, 18),
  SO_RCVTIMEO(1, 20),
  SO_SNDTIMEO(1, 21),
  SO_BINDTODEVICE(1, 25),
  SO_PEEK_OFF(1, 42),
  SO_ZEROCOPY(1, 60),
  TCP_CORK(6, 3),
  TCP_DEFER_ACCEPT(6, 9),
  TCP_NOTSENT_LOWAT(6, 25);

  private final int level;
  private final int number;

  SocketOption(int level, int number) {
    this.level = level;
    this.number = number;
  }

  int level() {
    return level;
  }

  int number() {
    return number;
  }
}
