// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

/** The error numbers that the tests tell apart, or are likely to meet. */
public enum Errno {
  EINTR(4),
  EAGAIN(11),
  ENOMEM(12),
  EINVAL(22),
  EPIPE(32),
  ENOPROTOOPT(92),
  EOPNOTSUPP(95),
  EADDRINUSE(98),
  EADDRNOTAVAIL(99),
  ENETUNREACH(101),
  ECONNRESET(104),
  ENOTCONN(107),
  ETIMEDOUT(110),
  ECONNREFUSED(111),
  EINPROGRESS(115),
  OTHER(-1);

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  /** The constant of a number; 0, as SO_ERROR reports it, is no error and has none. */
  static Errno of(int number) {
    for (Errno errno : values()) {
      if (errno.number == number) {
        return errno;
      }
    }
    return OTHER;
  }

  static String name(int number) {
    Errno errno = of(number);
    return errno == OTHER ? "errno " + number : errno.name();
  }
}
