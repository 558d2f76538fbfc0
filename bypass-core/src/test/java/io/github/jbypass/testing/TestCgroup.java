// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.testing;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.Cgroup;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A control group for one test, below the root of the cgroup v2 hierarchy. Closing it moves this
 * JVM back to where it was and removes the group; processes that the test started have to have
 * ended by then.
 */
public final class TestCgroup implements AutoCloseable {
  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final int REMOVAL_ATTEMPTS = 100;

  private final Cgroup cgroup;
  private final Cgroup home;

  private TestCgroup(Cgroup cgroup, Cgroup home) {
    this.cgroup = cgroup;
    this.home = home;
  }

  /** Creates a group that nobody else uses. */
  public static TestCgroup create() {
    var name = "jbypass-test-" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet();
    return new TestCgroup(Cgroup.at(Cgroup.mountPoint()).createChild(name), Cgroup.ofThisProcess());
  }

  /** The group, for attaching programs to. */
  public Cgroup cgroup() {
    return cgroup;
  }

  /** The group's directory. */
  public Path path() {
    return cgroup.path();
  }

  /** Moves a process of the test into the group. */
  public void add(long pid) {
    cgroup.add(pid);
  }

  /** Moves this JVM into the group: sockets that it creates from now on belong to it. */
  public void enter() {
    cgroup.add(ProcessHandle.current().pid());
  }

  /** Moves this JVM back to where it was. */
  public void leave() {
    home.add(ProcessHandle.current().pid());
  }

  @Override
  public void close() {
    if (cgroup.processes().contains(ProcessHandle.current().pid())) {
      leave();
    }
    for (int attempt = 1; ; attempt++) {
      try {
        cgroup.delete();
        return;
      } catch (BpfException e) {
        if (attempt == REMOVAL_ATTEMPTS) {
          throw e;
        }
        pause(); // a process that was waited for leaves its group a moment later
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
