// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import io.github.jbypass.examples.rig.Command;
import io.github.jbypass.examples.rig.RigFiles;
import io.github.jbypass.examples.rig.RigName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A bpf file system of a rig's own, among its files. */
final class BpfMount implements AutoCloseable {
  private static final String NAME = "bpf";

  private final Path path;

  BpfMount(RigFiles files) {
    path = files.directory().resolve(NAME);
    try {
      Files.createDirectory(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Command.run("mount", "-t", "bpf", "-o", "mode=0700", "bpf", path.toString());
  }

  /** Removes those of rigs whose process is gone. */
  static void removeOrphans() {
    var temporary = Path.of(System.getProperty("java.io.tmpdir"));
    try (var mounts = Files.lines(Path.of("/proc/self/mounts"))) {
      mounts
          .map(line -> Path.of(line.split(" ")[1]))
          .filter(mount -> mount.startsWith(temporary) && mount.endsWith(NAME))
          .filter(mount -> RigName.isOrphan(mount.getParent().getFileName().toString()))
          .forEach(mount -> Command.run("umount", mount.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The directory that agents pin into. */
  Path pins() {
    return path.resolve("pins");
  }

  /** Everything that is in it but the kernel's own files. */
  List<Path> files() {
    try (Stream<Path> files = Files.walk(path)) {
      return files
          .filter(file -> !file.equals(path) && !file.toString().endsWith(".debug"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    Command.run("umount", path.toString());
  }
}
