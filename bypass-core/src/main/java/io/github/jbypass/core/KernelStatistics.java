// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.BpfCalls;
import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import java.util.EnumSet;

/**
 * While one of these is open, the kernel counts runs and run time of all BPF programs of the host,
 * at a cost of some 20 ns a run. Thread-safe. Kernel 5.8.
 */
public final class KernelStatistics implements AutoCloseable {
  private static final String WHAT = "run-time statistics";

  private final Fd fd;

  private KernelStatistics(Fd fd) {
    this.fd = fd;
  }

  /**
   * Has the kernel count.
   *
   * @return what ends the counting when it is closed
   * @throws PrivilegeException without CAP_SYS_ADMIN
   */
  public static KernelStatistics enable() {
    Failure.requireLibbpf("enable", WHAT);
    int fd = BpfCalls.enableRunTimeStatistics();
    if (fd == -Errno.EPERM) {
      throw Refusal.exception("enable", WHAT, Errno.EPERM, EnumSet.of(Capability.CAP_SYS_ADMIN));
    }
    return new KernelStatistics(new Fd(Failure.check("enable", WHAT, fd), WHAT));
  }

  /** Has the kernel stop, unless somebody else wants it to count. Idempotent. */
  @Override
  public void close() {
    fd.close();
  }
}
