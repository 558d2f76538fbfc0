// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/**
 * An attached program. Closing it detaches the program; that is idempotent and thread-safe. It does
 * not depend on the object that the program came from: that one may be closed first.
 */
public sealed interface BpfLink extends AutoCloseable permits KernelLink, DirectAttachment {
  /** Detaches the program. */
  @Override
  void close();
}
