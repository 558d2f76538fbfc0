// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.telling;

/** It can't be listened on an address: the message says why. */
public final class ListenException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ListenException(String message, Throwable cause) {
    super(message, cause);
  }
}
