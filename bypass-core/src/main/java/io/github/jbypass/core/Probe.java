// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.ProbeCalls;
import io.github.jbypass.core.internal.ProbeCalls.ProgramShape;
import java.util.Collection;
import java.util.Optional;

/** What all probes share: from the outcome of an attempt to an answer. */
final class Probe {
  static final Support YES = new Support.Yes();

  /** {@code r0 = 1; exit}, which suits every type of program. */
  static final long RETURN_ONE = instruction(0xb7, 0, 1);

  static final long EXIT = instruction(0x95, 0, 0);

  private Probe() {}

  /** An instruction in the kernel's layout, without an offset. */
  static long instruction(int code, int registers, int immediate) {
    return code | (long) registers << 8 | (long) immediate << 32;
  }

  static ProgramShape program(ProgramType type, int attachType) {
    return new ProgramShape(type.number(), attachType, 0, 0, new long[] {RETURN_ONE, EXIT});
  }

  /** The answer that an error number, or a descriptor, gives. Closes the descriptor. */
  static Support answer(int result, KernelVersion since, Collection<Capability> needs) {
    if (result >= 0) {
      ProbeCalls.close(result);
      return YES;
    }
    return switch (-result) {
      case Errno.EPERM, Errno.EACCES -> new Support.Unknown(Refusal.reason(needs));
      case Errno.EINVAL,
          Errno.E2BIG,
          Errno.ENOTSUPP,
          Errno.EOPNOTSUPP,
          Errno.ENOSYS,
          Errno.ENOENT,
          Errno.ENODEV ->
          no(since);
      default -> new Support.Unknown(Errno.name(-result) + ", " + Errno.meaning(-result));
    };
  }

  static Support no(KernelVersion since) {
    var running = KernelVersion.running();
    return new Support.No(
        Optional.of(since),
        running.compareTo(since) < 0
            ? "it takes Linux " + since + ", this is " + running
            : "Linux has it since " + since + ", but this " + running + " was built without it");
  }
}
