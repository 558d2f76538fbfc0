// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import java.util.OptionalLong;

/** Somebody else works with a directory of pins, and it takes one at a time. */
public final class DirectoryInUseException extends BpfException {
  private static final long serialVersionUID = 1L;

  private final long holder;

  DirectoryInUseException(String operation, String object, long holder) {
    super(
        operation,
        object,
        Errno.EAGAIN,
        (holder == 0 ? "a process that can't be seen from here" : "process " + holder)
            + " uses it, and two at once would undo each other's work: end that one first");
    this.holder = holder;
  }

  /** {@return the process that uses the directory; empty if it lives in another pid namespace} */
  public OptionalLong holder() {
    return holder == 0 ? OptionalLong.empty() : OptionalLong.of(holder);
  }
}
