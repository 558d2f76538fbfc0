// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.util.ArrayDeque;
import java.util.Deque;

/** What has to be closed, last first. One that fails does not keep the others from being closed. */
public final class UndoStack implements AutoCloseable {
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();

  /** Adds one, and returns it. */
  public <T extends AutoCloseable> T push(T resource) {
    resources.push(resource);
    return resource;
  }

  /** Closes all because of a failure, to which what goes wrong then is added. */
  public void closeAfter(Exception failure) {
    try {
      close();
    } catch (RigException leftover) {
      failure.addSuppressed(leftover);
    }
  }

  @Override
  public void close() {
    RigException failure = null;
    while (!resources.isEmpty()) {
      try {
        resources.pop().close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new RigException("not all could be removed: " + e.getMessage(), e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
