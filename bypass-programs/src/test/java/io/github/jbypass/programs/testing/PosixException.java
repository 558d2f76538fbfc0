// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

/** A libc call that returned -1. */
public final class PosixException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Errno errno;

  PosixException(String call, int errno) {
    super(call + ": " + Errno.name(errno));
    this.errno = Errno.of(errno);
  }

  /** Why the kernel refused. */
  public Errno errno() {
    return errno;
  }
}
