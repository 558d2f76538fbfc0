// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What the kernel of this machine has: the library supports older ones, where it does without. */
final class Kernel {
  private Kernel() {}

  /** Whether it has something; a test must not depend on what can't be told. */
  static boolean has(Support support) {
    return switch (support) {
      case Support.Yes _ -> true;
      case Support.No _ -> false;
      case Support.Unknown unknown -> throw new AssertionError(unknown.toString());
    };
  }

  static boolean hasTcx() {
    return has(KernelFeatures.attachType(AttachType.TCX_INGRESS));
  }

  static boolean hasSocketMapLinks() {
    return has(KernelFeatures.ability(KernelAbility.SOCKET_MAP_LINK));
  }

  static boolean hasCgroupOrder() {
    return has(KernelFeatures.ability(KernelAbility.CGROUP_ORDER));
  }

  /** Skips the test on kernels that are too old for it. */
  static void needs(Support support) {
    assumeTrue(has(support), support::toString);
  }
}
