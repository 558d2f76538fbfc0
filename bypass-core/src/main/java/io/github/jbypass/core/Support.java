// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.Optional;

/**
 * Whether the running kernel has a feature. Immutable; {@code toString} is a sentence for users.
 */
public sealed interface Support {
  /** It was tried, and worked. */
  record Yes() implements Support {
    @Override
    public String toString() {
      return "yes";
    }
  }

  /**
   * It was tried, and the kernel does not have it.
   *
   * @param minimum the first version that has it, as far as versions tell
   * @param reason what it takes
   */
  record No(Optional<KernelVersion> minimum, String reason) implements Support {
    @Override
    public String toString() {
      return "no: " + reason;
    }
  }

  /**
   * It could not be tried.
   *
   * @param reason what was in the way
   */
  record Unknown(String reason) implements Support {
    @Override
    public String toString() {
      return "could not tell: " + reason;
    }
  }

  /** {@return whether the kernel certainly has it} */
  default boolean isPresent() {
    return this instanceof Yes;
  }
}
