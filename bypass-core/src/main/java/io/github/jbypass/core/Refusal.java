// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;

/** Why the kernel did not permit something, found out afterwards. */
final class Refusal {
  private static final Path LOCKDOWN = Path.of("/sys/kernel/security/lockdown");

  private Refusal() {}

  /**
   * The reason, as words for users.
   *
   * @param needs the capabilities that the operation takes
   */
  static String reason(Collection<Capability> needs) {
    var capabilities = Capabilities.current();
    if (capabilities.userNamespace()) {
      return "capabilities inside a user namespace do not count for BPF: run it outside";
    }
    var missing = capabilities.missing(needs);
    if (!missing.isEmpty()) {
      return missing.stream()
          .map(one -> one + " (" + one.prevents() + ")")
          .collect(Collectors.joining(" and ", "this process lacks ", ""));
    }
    return lockdown()
        .map(mode -> "the kernel is locked down (" + mode + "), see kernel_lockdown(7)")
        .orElse(
            "refused although the process has the capabilities: the object may be read-only, or a"
                + " security module (seccomp, SELinux) forbids it");
  }

  /** The exception for EPERM. */
  static BpfException exception(
      String operation, String object, int errno, Collection<Capability> needs) {
    var missing = Capabilities.current().missing(needs);
    var reason = reason(needs);
    return missing.isEmpty()
        ? new BpfException(operation, object, errno, reason)
        : new PrivilegeException(
            operation,
            object,
            errno,
            Capabilities.current().userNamespace() ? reason : reason + ": " + REMEDY,
            missing);
  }

  static final String REMEDY =
      "run it as root or grant them (setcap, AmbientCapabilities= of systemd,"
          + " capabilities of the container)";

  /** The mode of kernel lockdown, unless it is off or not known. */
  static Optional<String> lockdown() {
    try {
      var modes = Files.readString(LOCKDOWN);
      var mode = modes.substring(modes.indexOf('[') + 1, modes.indexOf(']'));
      return mode.equals("none") ? Optional.empty() : Optional.of(mode);
    } catch (IOException | StringIndexOutOfBoundsException e) {
      return Optional.empty(); // no such security module, or not mounted here
    }
  }
}
