// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.Cgroup;

/** A new cgroup with this process in it. Closing moves the process back and removes the cgroup. */
final class OwnCgroup implements AutoCloseable {
  private final long pid = ProcessHandle.current().pid();
  private final Cgroup before = Cgroup.ofThisProcess();
  private final Cgroup cgroup = Cgroup.at(Cgroup.mountPoint()).createChild("jbypass-echo-" + pid);

  OwnCgroup() {
    try {
      cgroup.add(pid);
    } catch (BpfException e) {
      cgroup.delete();
      throw e;
    }
  }

  Cgroup cgroup() {
    return cgroup;
  }

  @Override
  public void close() {
    before.add(pid);
    cgroup.delete();
  }
}
