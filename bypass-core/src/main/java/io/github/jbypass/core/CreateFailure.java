// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;

/** Finds out why the kernel did not create a map. */
final class CreateFailure {
  private CreateFailure() {}

  /**
   * The exception that explains a failure.
   *
   * @param map description of the map
   * @param type its type
   * @param entries how many it was to have
   * @param keySize in bytes
   * @param valueSize in bytes
   * @param errno what the kernel said, positive
   */
  static BpfException of(
      String map, MapType type, int entries, int keySize, int valueSize, int errno) {
    if (type != MapType.OTHER && KernelFeatures.mapType(type) instanceof Support.No no) {
      return new KernelUnsupportedException(
          "create", map, errno, "it is of type " + type + "; " + no.reason());
    }
    if (isMemoryLocked(errno)) {
      return new BpfException("create", map, errno, memoryLocked());
    }
    var shape =
        "%s with %d entries, keys of %d and values of %d bytes"
            .formatted(type, Integer.toUnsignedLong(entries), keySize, valueSize);
    return switch (errno) {
      case Errno.EPERM -> Refusal.exception("create", map, errno, MapProbe.needs(type));
      case Errno.E2BIG, Errno.ENOMEM ->
          new BpfException("create", map, errno, "too large: " + shape);
      case Errno.EINVAL ->
          new BpfException(
              "create",
              map,
              errno,
              "the kernel has this type but does not accept its sizes or flags: " + shape);
      default -> Failure.of("create", map, errno, Errno.meaning(errno) + ": " + shape);
    };
  }

  /** Before Linux 5.11, BPF memory counts against a limit that is 64 KiB by default. */
  static boolean isMemoryLocked(int errno) {
    return (errno == Errno.EPERM || errno == Errno.ENOMEM)
        && !KernelFacts.lockedMemory().equals("unlimited")
        && KernelFeatures.ability(KernelAbility.MEMCG_ACCOUNTING) instanceof Support.No;
  }

  static String memoryLocked() {
    return "more memory than RLIMIT_MEMLOCK allows ("
        + KernelFacts.lockedMemory()
        + "), which BPF counts against before Linux 5.11: raise it (ulimit -l, LimitMEMLOCK=)";
  }
}
