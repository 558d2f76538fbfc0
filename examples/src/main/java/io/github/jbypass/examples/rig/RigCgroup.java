// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.Cgroup;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The cgroup of a rig. Closing ends the processes that are still in it and removes it. */
public final class RigCgroup implements AutoCloseable {
  private static final int EBUSY = 16;
  private static final Duration END_LIMIT = Duration.ofSeconds(5);

  private final Cgroup cgroup;

  public RigCgroup(String name) {
    cgroup = Cgroup.at(Cgroup.mountPoint()).createChild(RigName.of(name));
  }

  public Cgroup cgroup() {
    return cgroup;
  }

  @Override
  public void close() {
    remove(cgroup);
  }

  static void remove(Cgroup cgroup) {
    long end = System.nanoTime() + END_LIMIT.toNanos();
    while (true) {
      for (long pid : cgroup.processes()) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
      }
      try {
        cgroup.delete();
        return;
      } catch (BpfException e) {
        // A process counts until the kernel has taken it apart.
        if (e.errno() != EBUSY || System.nanoTime() > end) {
          throw e;
        }
      }
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }
}
