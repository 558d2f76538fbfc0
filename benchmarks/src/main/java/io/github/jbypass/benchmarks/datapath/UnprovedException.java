// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

/** Something was measured, but not what was meant to be: the figure means nothing. */
public final class UnprovedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnprovedException(String message) {
    super(message);
  }
}
