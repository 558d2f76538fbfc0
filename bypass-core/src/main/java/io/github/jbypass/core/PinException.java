// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/**
 * A pin can't be made, used or removed: it is not where pins can be, not what was expected, or not
 * this user's.
 */
public final class PinException extends BpfException {
  private static final long serialVersionUID = 1L;

  PinException(String operation, String object, int errno, String explanation) {
    super(operation, object, errno, explanation);
  }
}
