// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.util.ArrayDeque;
import java.util.Deque;

/** What has to be closed, last first. One that fails does not keep the others from being closed. */
public final class UndoStack implements AutoCloseable {
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();

  public <T extends AutoCloseable> T push(T resource) {
    resources.push(resource);
    return resource;
  }

  @Override
  public void close() {
    RigException failure = null;
    while (!resources.isEmpty()) {
      try {
        resources.pop().close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new RigException("the rig could not be removed entirely: " + e.getMessage(), e);
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
