// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.core.Cgroup;
import java.io.IOException;

/**
 * A cgroup that this process enters only to open sockets: they stay in it, the process does not.
 * Closing removes the cgroup.
 */
final class Enclave implements AutoCloseable {
  /** Something that opens sockets. */
  interface Opener<T> {
    T open() throws IOException;
  }

  private static final long PID = ProcessHandle.current().pid();

  private final Cgroup cgroup;

  Enclave(String name) {
    // Named as rigs name theirs: the next one removes what a killed run has left.
    var child = "jbypass-mesh-%d-bench-%s".formatted(PID, name);
    cgroup = Cgroup.at(Cgroup.mountPoint()).createChild(child);
  }

  Cgroup cgroup() {
    return cgroup;
  }

  <T> T open(Opener<T> opener) throws IOException {
    return within(cgroup, opener);
  }

  /** Opens sockets in a cgroup of somebody else. */
  static <T> T within(Cgroup cgroup, Opener<T> opener) throws IOException {
    var before = Cgroup.ofThisProcess();
    cgroup.add(PID);
    try {
      return opener.open();
    } finally {
      before.add(PID);
    }
  }

  @Override
  public void close() {
    cgroup.delete();
  }
}
