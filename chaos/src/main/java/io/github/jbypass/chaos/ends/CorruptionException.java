// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos.ends;

/** Bytes arrived that were not sent like that. */
final class CorruptionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CorruptionException(String message) {
    super(message);
  }
}
