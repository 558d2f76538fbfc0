// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** An entry, or a control group, exists already. */
public final class AlreadyExistsException extends BpfException {
  private static final long serialVersionUID = 1L;

  /**
   * Describes what exists.
   *
   * @param operation what was attempted
   * @param object what is there already
   * @param errno the kernel's error number, or 0 if the kernel had no say
   * @param explanation what to do
   */
  public AlreadyExistsException(String operation, String object, int errno, String explanation) {
    super(operation, object, errno, explanation);
  }
}
