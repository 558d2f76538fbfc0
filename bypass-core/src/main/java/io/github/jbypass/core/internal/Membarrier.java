// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.locks.LockSupport;

/** Barriers that one thread imposes on others, which do nothing for it. */
public final class Membarrier {
  /** MEMBARRIER_CMD_GLOBAL, which the kernel implements as a grace period of RCU. */
  private static final int GLOBAL = 1;

  private static final int PRIVATE_EXPEDITED = 8;
  private static final int REGISTER_PRIVATE_EXPEDITED = 16;

  /** Far more than any program runs, for kernels that have no membarrier or run with nohz_full. */
  private static final long FALLBACK_NANOS = 100_000_000;

  private static final int UNKNOWN = -1;

  private static final MethodHandle SYSCALL =
      NativeCode.libc(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(1));

  private Membarrier() {}

  /** Registers the process, which takes the kernel some milliseconds: not before it is needed. */
  private static final class Expedited {
    static final boolean REGISTERED = number() != UNKNOWN && call(REGISTER_PRIVATE_EXPEDITED) == 0;
  }

  /** Whether {@link #onAllThreads} can be had: since kernel 4.14, if no filter forbids it. */
  static boolean isExpedited() {
    return Expedited.REGISTERED;
  }

  /**
   * Has every thread of this process pass a full memory barrier, in some microseconds.
   *
   * @return false if the kernel refused
   */
  static boolean onAllThreads() {
    return call(PRIVATE_EXPEDITED) == 0;
  }

  /** Returns when every reader in the kernel, such as a program that runs, has left. */
  public static void awaitReaders() {
    if (number() == UNKNOWN || call(GLOBAL) != 0) {
      long end = System.nanoTime() + FALLBACK_NANOS;
      for (long rest = FALLBACK_NANOS; rest > 0; rest = end - System.nanoTime()) {
        LockSupport.parkNanos(rest);
      }
    }
  }

  private static long call(int command) {
    try {
      return (long) SYSCALL.invokeExact((long) number(), command, 0, 0);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  private static int number() {
    return switch (System.getProperty("os.arch")) {
      case "amd64" -> 324;
      case "aarch64", "riscv64" -> 283;
      default -> UNKNOWN;
    };
  }
}
