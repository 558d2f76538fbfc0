// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.QueryCalls;
import java.nio.file.Path;
import java.util.Optional;

/** Finds out why the kernel did not attach a program to a control group. */
final class AttachFailure {
  private static final int ALLOW_MULTI = 1 << 1;

  private AttachFailure() {}

  /**
   * The exception that explains a failure.
   *
   * @param description of program and group
   * @param cgroup the group
   * @param type in which way the program was to be attached
   * @param errno what the kernel said, positive
   */
  static BpfException toCgroup(String description, Cgroup cgroup, AttachType type, int errno) {
    return switch (errno) {
      case Errno.EPERM ->
          exclusive(cgroup, type)
              .map(
                  group ->
                      new BpfException(
                          "attach",
                          description,
                          errno,
                          "another program is attached to "
                              + group
                              + " that allows none beside it; bpftool cgroup show tells which"))
              .orElseGet(
                  () ->
                      Refusal.exception("attach", description, errno, type.programType().needs()));
      case Errno.EINVAL -> unsupported(description, type);
      case Errno.E2BIG ->
          new BpfException(
              "attach", description, errno, "there are 64 programs attached, which is the limit");
      default -> Failure.of("attach", description, errno);
    };
  }

  /** The group, this one or one above, whose program was attached without BPF_F_ALLOW_MULTI. */
  private static Optional<Cgroup> exclusive(Cgroup cgroup, AttachType type) {
    for (Path path = cgroup.path(); path != null; path = path.getParent()) {
      Cgroup group;
      try {
        group = Cgroup.at(path);
      } catch (NotCgroupException e) {
        return Optional.empty(); // above the root of the hierarchy
      }
      try (var target = group.open();
          var query = new QueryCalls()) {
        int result = query.run(target.number(), type.number(), false);
        if (result >= 0 && query.count() > 0 && (query.flags() & ALLOW_MULTI) == 0) {
          return Optional.of(group);
        }
      }
    }
    return Optional.empty();
  }

  private static BpfException unsupported(String description, AttachType type) {
    for (var support :
        new Support[] {
          KernelFeatures.ability(KernelAbility.BPF_LINK), KernelFeatures.attachType(type)
        }) {
      if (support instanceof Support.No no) {
        return new KernelUnsupportedException("attach", description, Errno.EINVAL, no.reason());
      }
    }
    return Failure.of("attach", description, Errno.EINVAL);
  }
}
