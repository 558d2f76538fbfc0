// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** The layout of a C struct in a BPF object differs from the layout that the Java side expects. */
public final class LayoutMismatchException extends BpfException {
  private static final long serialVersionUID = 1L;

  /**
   * Describes the difference.
   *
   * @param struct name of the C struct
   * @param difference what Java expects and what the object has
   */
  public LayoutMismatchException(String struct, String difference) {
    super("check the layout of", "struct " + struct, 0, difference);
  }
}
