// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.examples.rig.RigName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the processes of the scene may use. By the memory controller where it is: {@code memory.max}
 * of the scene's own cgroup, or a group of version 1 beside it.
 */
sealed interface MemoryLimit extends AutoCloseable {
  /** What is left to processes that are squeezed, beyond what they use. */
  long LEFT = 8 << 20;

  /** Takes a process in. */
  void add(long pid);

  /** Leaves hardly anything to take. */
  void squeeze();

  /** Lifts the limit. */
  void release();

  @Override
  void close();

  /** Empty where there is no memory controller for us. */
  static Optional<MemoryLimit> of(Cgroup cgroup) {
    var version1 = Path.of("/sys/fs/cgroup/memory");
    if (Files.exists(cgroup.path().resolve("memory.max"))) {
      return Optional.of(new Version2(cgroup.path()));
    }
    return Files.isWritable(version1.resolve("memory.limit_in_bytes"))
        ? Optional.of(Version1.create(version1.resolve(RigName.of("chaos"))))
        : Optional.empty();
  }

  private static long read(Path file) {
    try {
      return Long.parseLong(Files.readString(file).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String value) {
    try {
      Files.writeString(file, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sockets are charged with the rest. */
  record Version2(Path group) implements MemoryLimit {
    @Override
    public void add(long pid) {}

    @Override
    public void squeeze() {
      write(
          group.resolve("memory.max"), Long.toString(read(group.resolve("memory.current")) + LEFT));
    }

    @Override
    public void release() {
      write(group.resolve("memory.max"), "max");
    }

    @Override
    public void close() {}
  }

  /** Sockets are not among what it limits. */
  record Version1(Path group) implements MemoryLimit {
    private static final String UNLIMITED = "-1";

    static Version1 create(Path group) {
      try {
        Files.createDirectory(group);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return new Version1(group);
    }

    @Override
    public void add(long pid) {
      write(group.resolve("cgroup.procs"), Long.toString(pid));
    }

    @Override
    public void squeeze() {
      long limit = read(group.resolve("memory.usage_in_bytes")) + LEFT;
      write(group.resolve("memory.limit_in_bytes"), Long.toString(limit));
    }

    @Override
    public void release() {
      write(group.resolve("memory.limit_in_bytes"), UNLIMITED);
    }

    @Override
    public void close() {
      try {
        Files.delete(group);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
