// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.ProbeCalls;
import java.util.EnumSet;
import java.util.Optional;

/** Loads a program that calls a helper, and sees whether the verifier stumbles over the call. */
final class HelperProbe {
  private static final int CALL = 0x85;

  private HelperProbe() {}

  static Support run(ProgramType type, Helper helper) {
    switch (type) {
      case TRACING, EXT, LSM, STRUCT_OPS, OTHER -> {
        return new Support.Unknown(
            "what a program of type " + type + " may call depends on what it is attached to");
      }
      default -> {
        // a program of such a type stands by itself
      }
    }
    var code =
        new long[] {Probe.instruction(CALL, 0, helper.number()), Probe.RETURN_ONE, Probe.EXIT};
    var loaded = ProbeCalls.loadProgram(ProgramProbe.shape(type, code));
    var log = loaded.log();
    if (loaded.descriptor() >= 0) {
      ProbeCalls.close(loaded.descriptor());
      return Probe.YES;
    }
    if (log.contains("invalid func ")) { // a number that the kernel does not know
      return Probe.no(helper.since());
    }
    // the words before Linux 6.8, and since
    if (log.contains("unknown func ") || log.contains("program of this type cannot use helper ")) {
      return notForThisType(type, helper);
    }
    return log.isBlank() // it did not come to the verifier
        ? unloadable(type, loaded.descriptor())
        : Probe.YES; // what the verifier dislikes is the arguments
  }

  private static Support notForThisType(ProgramType type, Helper helper) {
    var gates = EnumSet.of(Capability.CAP_BPF, Capability.CAP_PERFMON);
    if (!Capabilities.current().missing(gates).isEmpty() || Refusal.lockdown().isPresent()) {
      return new Support.Unknown(Refusal.reason(gates));
    }
    var since = since(type, helper);
    return since.isPresent()
        ? Probe.no(since.get())
        : new Support.No(
            Optional.empty(),
            "programs of type "
                + type
                + " can't call "
                + helper.functionName()
                + " on this kernel");
  }

  private static Support unloadable(ProgramType type, int error) {
    return error == -Errno.EPERM || KernelFeatures.programType(type).isPresent()
        ? Probe.answer(error, type.since(), type.needs())
        : KernelFeatures.programType(type);
  }

  /** Where a type got a helper later than others did, as far as sockets are concerned. */
  private static Optional<KernelVersion> since(ProgramType type, Helper helper) {
    boolean network = type == ProgramType.SOCK_OPS || type == ProgramType.SK_MSG;
    return switch (helper) {
      case SK_STORAGE_GET, SK_STORAGE_DELETE ->
          type == ProgramType.SK_MSG ? Optional.of(KernelVersion.of("5.8")) : Optional.empty();
      case GET_NETNS_COOKIE -> network ? Optional.of(KernelVersion.of("5.15")) : Optional.empty();
      default -> Optional.empty();
    };
  }
}
