// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** A map has no room for another entry. */
public final class MapFullException extends BpfException {
  private static final long serialVersionUID = 1L;

  MapFullException(String operation, String object, int errno, String explanation) {
    super(operation, object, errno, explanation);
  }
}
