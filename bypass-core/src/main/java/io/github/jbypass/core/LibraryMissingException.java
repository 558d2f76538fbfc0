// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** libbpf is missing, too old, or the JVM is not allowed to call it. */
public final class LibraryMissingException extends BpfException {
  private static final long serialVersionUID = 1L;

  LibraryMissingException(String operation, String object, int errno, String explanation) {
    super(operation, object, errno, explanation);
  }
}
