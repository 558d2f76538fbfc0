// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** A path is not a network namespace, or the namespace that it was is gone. */
public final class NotNetworkNamespaceException extends BpfException {
  private static final long serialVersionUID = 1L;

  NotNetworkNamespaceException(String operation, String object, int errno, String explanation) {
    super(operation, object, errno, explanation);
  }
}
