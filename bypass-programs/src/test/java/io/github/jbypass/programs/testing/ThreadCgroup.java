// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import io.github.jbypass.core.Cgroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A control group that single threads of this JVM can be in, so that one test can be several
 * containers. What a thread makes and connects there is told apart as another process's would be.
 */
public final class ThreadCgroup implements AutoCloseable {
  private final Cgroup cgroup;
  private final Path home;

  private ThreadCgroup(Cgroup cgroup, Path home) {
    this.cgroup = cgroup;
    this.home = home;
  }

  /**
   * Makes a group below another.
   *
   * @param parent which this JVM is in, or one below it
   */
  public static ThreadCgroup create(Cgroup parent, String name) {
    Cgroup cgroup = parent.createChild(name);
    write(cgroup.path().resolve("cgroup.type"), "threaded");
    return new ThreadCgroup(cgroup, Cgroup.ofThisProcess().path());
  }

  public Cgroup cgroup() {
    return cgroup;
  }

  /** Runs a task while the calling thread, which is not a virtual one, is in the group. */
  public <T> T call(Supplier<T> task) {
    moveThisThreadTo(cgroup.path());
    try {
      return task.get();
    } finally {
      moveThisThreadTo(home);
    }
  }

  /** Runs a program in the group and inside a namespace; it must succeed. */
  public void execute(Namespace namespace, String... command) {
    String join = "echo $$ > $0/cgroup.procs && exec \"$@\"";
    Command.run(
        Stream.concat(
                Stream.of("sh", "-c", join, cgroup.path().toString()),
                Stream.of(namespace.inside(command)))
            .toArray(String[]::new));
  }

  private static void moveThisThreadTo(Path group) {
    write(group.resolve("cgroup.threads"), "0");
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whoever was in it leaves a moment after it has ended. */
  @Override
  public void close() {
    if (!Eventually.within(PosixSocket.PATIENCE, this::isDeleted)) {
      cgroup.delete();
    }
  }

  private boolean isDeleted() {
    try {
      Files.deleteIfExists(cgroup.path());
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
