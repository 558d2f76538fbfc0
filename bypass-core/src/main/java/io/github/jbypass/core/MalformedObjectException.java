// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/**
 * A BPF object or its BTF is not what it claims to be: truncated, corrupt, or for another machine.
 */
public final class MalformedObjectException extends BpfException {
  private static final long serialVersionUID = 1L;

  MalformedObjectException(String operation, String object, int errno, String explanation) {
    super(operation, object, errno, explanation);
  }
}
