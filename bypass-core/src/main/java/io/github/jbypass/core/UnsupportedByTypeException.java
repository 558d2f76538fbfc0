// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/**
 * An operation that objects of this type do not have, such as a batch on a SOCKHASH or a deletion
 * from an array. Nothing was changed.
 */
public final class UnsupportedByTypeException extends BpfException {
  private static final long serialVersionUID = 1L;

  UnsupportedByTypeException(String operation, String object, int errno, String explanation) {
    super(operation, object, errno, explanation);
  }
}
