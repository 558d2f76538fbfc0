// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/**
 * A pin can't be made, used or removed: it is not where pins can be, not what was expected, or not
 * this user's.
 */
public final class PinException extends BpfException {
  private static final long serialVersionUID = 1L;

  /**
   * Describes what is wrong with a pin.
   *
   * @param operation what was attempted, such as "open"
   * @param object the pin
   * @param errno the kernel's error number, or 0 if the kernel had no say
   * @param explanation why it failed and what to do
   */
  public PinException(String operation, String object, int errno, String explanation) {
    super(operation, object, errno, explanation);
  }
}
