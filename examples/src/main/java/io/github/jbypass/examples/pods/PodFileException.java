// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.pods;

/** A file of pods is not as it should be; the message says in one line where and what. */
public final class PodFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PodFileException(String message, Throwable cause) {
    super(message, cause);
  }

  PodFileException(String message) {
    super(message);
  }
}
