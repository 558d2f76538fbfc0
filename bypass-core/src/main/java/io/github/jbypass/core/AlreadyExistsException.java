// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** An entry, or a control group, exists already. */
public final class AlreadyExistsException extends BpfException {
  private static final long serialVersionUID = 1L;

  AlreadyExistsException(String operation, String object, int errno, String explanation) {
    super(operation, object, errno, explanation);
  }
}
