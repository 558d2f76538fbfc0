// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

/** What must not happen has happened, or the run can't go on. */
final class ChaosException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ChaosException(String message) {
    super(message);
  }
}
