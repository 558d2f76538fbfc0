// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** A path is not a directory of a cgroup v2 hierarchy. */
public final class NotCgroupException extends BpfException {
  private static final long serialVersionUID = 1L;

  NotCgroupException(String operation, String object, int errno, String explanation) {
    super(operation, object, errno, explanation);
  }
}
