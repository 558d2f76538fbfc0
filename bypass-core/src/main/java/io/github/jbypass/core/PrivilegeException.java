// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.EnumSet;
import java.util.Set;

/** The process lacks the capabilities, or the file permissions, that the operation takes. */
public final class PrivilegeException extends BpfException {
  private static final long serialVersionUID = 1L;

  private final EnumSet<Capability> missing = EnumSet.noneOf(Capability.class);

  PrivilegeException(String operation, String object, int errno, String explanation) {
    this(operation, object, errno, explanation, Set.of());
  }

  PrivilegeException(
      String operation, String object, int errno, String explanation, Set<Capability> missing) {
    super(operation, object, errno, explanation);
    this.missing.addAll(missing);
  }

  /**
   * {@return the capabilities that it takes and that the process lacks; none if it is about files}
   */
  public Set<Capability> missing() {
    return EnumSet.copyOf(missing);
  }
}
