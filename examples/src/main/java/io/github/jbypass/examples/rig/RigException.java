// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

/**
 * A part of the rig could not be set up, did not do its work or could not be removed; the message
 * says which.
 */
public final class RigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says in one line what is wrong. */
  public RigException(String message) {
    super(message);
  }

  RigException(String message, Throwable cause) {
    super(message, cause);
  }
}
