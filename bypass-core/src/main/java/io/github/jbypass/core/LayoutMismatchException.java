// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.List;

/** A C struct, or the keys or values of a map, are not laid out as the Java side expects. */
public final class LayoutMismatchException extends BpfException {
  private static final long serialVersionUID = 1L;

  private final String[] differences;

  /**
   * Describes the difference.
   *
   * @param struct name of the C struct
   * @param difference what Java expects and what the object has
   */
  public LayoutMismatchException(String struct, String difference) {
    this("struct " + struct, List.of(difference));
  }

  /**
   * Describes all differences.
   *
   * @param object what differs, such as "struct peer" or "map peers"
   * @param differences what Java expects and what there is, for each
   */
  public LayoutMismatchException(String object, List<String> differences) {
    super("check the layout of", object, 0, String.join("; ", differences));
    this.differences = differences.toArray(String[]::new);
  }

  /** {@return every difference that was found} */
  public List<String> differences() {
    return List.of(differences);
  }
}
