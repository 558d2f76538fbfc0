// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;

/**
 * The bpf(2) system call itself, for what libbpf 1.1 can't ask: its functions know neither tcx nor
 * order. Kernels accept a longer {@code union bpf_attr} than theirs if the rest is zero.
 */
final class BpfSyscall {
  static final int OBJ_PIN = 6;
  static final int OBJ_GET = 7;
  static final int PROG_TEST_RUN = 10;
  static final int PROG_GET_FD_BY_ID = 13;
  static final int OBJ_GET_INFO_BY_FD = 15;
  static final int PROG_QUERY = 16;
  static final int LINK_CREATE = 28;
  static final int LINK_UPDATE = 29;
  static final int ITER_CREATE = 33;
  static final int LINK_DETACH = 34;

  private static final int ATTRIBUTES_SIZE = 128;
  private static final long NUMBER = number();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final MethodHandle SYSCALL =
      NativeCode.libc(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
          ERRNO,
          Linker.Option.firstVariadicArg(1));

  private BpfSyscall() {}

  private static long number() {
    return switch (System.getProperty("os.arch")) {
      case "amd64" -> 321;
      case "s390x" -> 351;
      case "ppc64le" -> 361;
      default -> 280; // of aarch64, riscv64, loongarch64: all that are newer than the table
    };
  }

  /** A zeroed {@code union bpf_attr}. */
  static MemorySegment attributes(SegmentAllocator arena) {
    return arena.allocate(ATTRIBUTES_SIZE, Long.BYTES);
  }

  /** A descriptor or another result that is not negative, or a negative error number. */
  static int call(int command, MemorySegment attributes, SegmentAllocator arena) {
    var state = arena.allocate(Linker.Option.captureStateLayout());
    try {
      long result = (long) SYSCALL.invokeExact(state, NUMBER, command, attributes, ATTRIBUTES_SIZE);
      return result < 0 ? -LibC.errno(state) : (int) result;
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }
}
