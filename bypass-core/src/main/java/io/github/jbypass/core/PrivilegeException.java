// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** The process lacks capabilities or permissions; the message names them. */
public final class PrivilegeException extends BpfException {
  private static final long serialVersionUID = 1L;

  PrivilegeException(String operation, String object, int errno, String explanation) {
    super(operation, object, errno, explanation);
  }
}
