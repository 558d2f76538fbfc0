// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** The kernel lacks a feature that the operation needs. */
public final class KernelUnsupportedException extends BpfException {
  private static final long serialVersionUID = 1L;

  KernelUnsupportedException(String operation, String object, int errno, String explanation) {
    super(operation, object, errno, explanation);
  }
}
