// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.List;

/** A pinned program is not the one that is wanted. */
public final class IncompatibleProgramException extends BpfException {
  private static final long serialVersionUID = 1L;

  private final String[] differences;

  IncompatibleProgramException(String operation, String object, List<String> differences) {
    super(operation, object, 0, "it differs in " + String.join("; ", differences));
    this.differences = differences.toArray(String[]::new);
  }

  /** {@return every difference, such as "tag: 3b185187f1855c4c wanted, 57cd311f2e27366b found"} */
  public List<String> differences() {
    return List.of(differences);
  }
}
