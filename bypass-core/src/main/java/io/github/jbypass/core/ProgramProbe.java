// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.ProbeCalls;
import io.github.jbypass.core.internal.ProbeCalls.ProgramShape;

/** Loads the smallest program of each type. */
final class ProgramProbe {
  private static final int SLEEPABLE = 1 << 4;
  private static final int LSM_MAC = 27;

  private ProgramProbe() {}

  static Support run(ProgramType type) {
    return switch (type) {
      case OTHER -> new Support.Unknown("it stands for types that this library does not know");
      case TRACING ->
          rejected(type, AttachType.TRACE_ITER.number(), -Errno.EINVAL, "attach_btf_id 1 is not");
      case LSM -> rejected(type, LSM_MAC, -Errno.EINVAL, "attach_btf_id 1 is not");
      case EXT -> rejected(type, 0, -Errno.EINVAL, "Cannot replace kernel functions");
      case STRUCT_OPS -> rejected(type, 0, -Errno.ENOTSUPP, "");
      default -> load(shape(type), type);
    };
  }

  /** A program of a type, as the kernel takes it before it looks at the instructions. */
  static ProgramShape shape(ProgramType type, long... instructions) {
    var smallest = shape(type);
    return new ProgramShape(
        smallest.type(), smallest.attachType(), smallest.btfId(), smallest.flags(), instructions);
  }

  static ProgramShape shape(ProgramType type) {
    return switch (type) {
      case CGROUP_SOCK_ADDR -> Probe.program(type, AttachType.CGROUP_INET4_CONNECT.number());
      case CGROUP_SOCKOPT -> Probe.program(type, AttachType.CGROUP_GETSOCKOPT.number());
      case CGROUP_SOCK -> Probe.program(type, AttachType.CGROUP_INET_SOCK_CREATE.number());
      case SK_LOOKUP -> Probe.program(type, AttachType.SK_LOOKUP.number());
      case NETFILTER -> Probe.program(type, AttachType.NETFILTER.number());
      case SYSCALL -> {
        var plain = Probe.program(type, 0);
        yield new ProgramShape(plain.type(), 0, 0, SLEEPABLE, plain.instructions());
      }
      default -> Probe.program(type, 0);
    };
  }

  static Support load(ProgramShape shape, ProgramType type) {
    return Probe.answer(ProbeCalls.loadProgram(shape).descriptor(), type.since(), type.needs());
  }

  /** A type that needs a function to be attached to: the complaint about its lack tells enough. */
  private static Support rejected(ProgramType type, int attachType, int error, String complaint) {
    var smallest = Probe.program(type, attachType);
    var loaded =
        ProbeCalls.loadProgram(
            new ProgramShape(smallest.type(), attachType, 1, 0, smallest.instructions()));
    return loaded.descriptor() == error && loaded.log().contains(complaint)
        ? Probe.YES
        : Probe.answer(loaded.descriptor(), type.since(), type.needs());
  }
}
