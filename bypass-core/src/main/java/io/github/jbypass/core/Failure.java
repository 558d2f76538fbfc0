// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.NativeCode;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** From an error number to an exception that explains it. */
final class Failure {
  private static final int WARNING_LINES = 3;

  /** What BPF takes, where nothing more is known about the operation. */
  private static final Set<Capability> ANY_BPF =
      EnumSet.of(Capability.CAP_BPF, Capability.CAP_NET_ADMIN, Capability.CAP_PERFMON);

  private Failure() {}

  /** Throws unless libbpf is there and may be called. */
  static void requireLibbpf(String operation, String object) {
    require(NativeCode.problem(), operation, object);
  }

  /** Throws unless native code may be called. */
  static void requireNativeAccess(String operation, String object) {
    require(NativeCode.accessProblem(), operation, object);
  }

  private static void require(Optional<String> problem, String operation, String object) {
    if (problem.isPresent()) {
      throw new LibraryMissingException(operation, object, 0, problem.get());
    }
  }

  /** Passes a result that is not negative through. */
  static int check(String operation, String object, int result) {
    if (result < 0) {
      throw of(operation, object, -result);
    }
    return result;
  }

  /** The exception for an error number that needs no knowledge of the operation. */
  static BpfException of(String operation, String object, int errno) {
    return of(operation, object, errno, Errno.meaning(errno));
  }

  /** As above, with a better explanation for whatever is not a matter of privileges. */
  static BpfException of(String operation, String object, int errno, String explanation) {
    return switch (errno) {
      case Errno.EPERM -> Refusal.exception(operation, object, errno, ANY_BPF);
      case Errno.ENOSYS ->
          new KernelUnsupportedException(
              operation, object, errno, "kernel without BPF: it needs CONFIG_BPF_SYSCALL");
      default -> new BpfException(operation, object, errno, explanation);
    };
  }

  /** Why libbpf could not make sense of an object. */
  static BpfException open(String object, int errno, String warnings) {
    return errno == Errno.ENOMEM
        ? of("open", object, errno)
        : new MalformedObjectException(
            "open", object, errno, "not a BPF object that libbpf accepts" + lastLines(warnings));
  }

  /** What libbpf said last. */
  static String lastLines(String warnings) {
    List<String> lines = warnings.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
    var last = lines.subList(Math.max(0, lines.size() - WARNING_LINES), lines.size());
    return last.isEmpty() ? "" : "\n  " + String.join("\n  ", last) + "\n ";
  }
}
