// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.List;

/** An existing map can't serve as the one that is wanted: its shape differs. */
public final class IncompatibleMapException extends BpfException {
  private static final long serialVersionUID = 1L;

  private final String[] differences;

  IncompatibleMapException(String operation, String object, List<String> differences) {
    super(operation, object, 0, "it differs in " + String.join("; ", differences));
    this.differences = differences.toArray(String[]::new);
  }

  /** {@return every difference, such as "value size: 8 wanted, 16 found"} */
  public List<String> differences() {
    return List.of(differences);
  }
}
