// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** What was loaded does not behave on this kernel as its user has to rely on: it was tried out. */
public final class CheckFailedException extends BpfException {
  private static final long serialVersionUID = 1L;

  private final String check;

  /**
   * Describes a check that failed.
   *
   * @param check its name
   * @param object what was checked, such as "BPF object bypass"
   * @param explanation what was seen, what it would do to applications and what to do
   */
  public CheckFailedException(String check, String object, String explanation) {
    super("check " + check + " of", object, 0, explanation);
    this.check = check;
  }

  /** {@return the name of the check, such as "order"} */
  public String check() {
    return check;
  }
}
