// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.Cgroup;
import java.io.File;
import java.util.List;
import java.util.stream.Stream;

/**
 * A new control group with this process in it, and nobody else. Closing moves the process back and
 * removes the group.
 */
final class TemporaryGroup implements AutoCloseable {
  private static final String PREFIX = "jbypass-doctor-";

  private final long pid = ProcessHandle.current().pid();
  private final Cgroup before;
  private final Cgroup group;

  private TemporaryGroup(Cgroup parent, Cgroup before) {
    this.before = before;
    group = parent.createChild(PREFIX + pid);
    try {
      group.add(pid);
    } catch (BpfException e) {
      group.delete();
      throw e;
    }
  }

  /**
   * Where to make one: rather below the root of the hierarchy, where nobody else's programs run,
   * than below the process's own group.
   */
  static List<Cgroup> usualParents() {
    return List.of(Cgroup.at(Cgroup.mountPoint()), Cgroup.ofThisProcess());
  }

  /**
   * Makes a group below the first of several that takes one.
   *
   * @throws BpfException if none does
   */
  static TemporaryGroup below(List<Cgroup> parents) {
    var before = Cgroup.ofThisProcess();
    BpfException refused = null;
    for (var parent : parents) {
      try {
        removeOrphans(parent);
        return new TemporaryGroup(parent, before);
      } catch (BpfException e) {
        refused = e;
      }
    }
    if (refused == null) {
      throw new IllegalArgumentException("no group to make one below");
    }
    throw refused;
  }

  /** What a killed doctor has left: it could not clean up. */
  private static void removeOrphans(Cgroup parent) {
    var found = parent.path().toFile().listFiles(File::isDirectory);
    Stream.of(found == null ? new File[0] : found)
        .filter(file -> file.getName().matches(PREFIX + "\\d+"))
        .filter(file -> ProcessHandle.of(pidOf(file)).isEmpty())
        .forEach(file -> file.delete()); // refused if somebody is in it after all
  }

  private static long pidOf(File file) {
    return Long.parseLong(file.getName().substring(PREFIX.length()));
  }

  Cgroup group() {
    return group;
  }

  @Override
  public void close() {
    moveBack();
    group.delete();
  }

  /**
   * Somebody may have removed an empty group meanwhile, as systemd does: then as near as can be.
   */
  private void moveBack() {
    var root = Cgroup.mountPoint();
    for (var path = before.path(); ; path = path.getParent()) {
      try {
        Cgroup.at(path).add(pid);
        return;
      } catch (BpfException e) {
        if (path.equals(root) || !path.startsWith(root)) {
          throw e;
        }
      }
    }
  }
}
