// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import io.github.jbypass.core.Cgroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Removes what rigs of crashed runs left behind: processes, namespaces, cgroups, files. */
public final class Orphans {
  private Orphans() {}

  public static void remove() {
    removeIn(Cgroup.mountPoint(), orphan -> RigCgroup.remove(Cgroup.at(orphan)));
    removeIn(
        Path.of("/run/netns"),
        orphan -> Command.run("ip", "netns", "delete", orphan.getFileName().toString()));
    removeIn(Path.of(System.getProperty("java.io.tmpdir")), RigFiles::delete);
  }

  private static void removeIn(Path directory, Consumer<Path> removal) {
    for (Path orphan : orphansIn(directory)) {
      try {
        removal.accept(orphan);
      } catch (RuntimeException e) {
        // Another run that starts at this moment may have removed it first.
        if (Files.exists(orphan)) {
          throw e;
        }
      }
    }
  }

  private static List<Path> orphansIn(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(path -> RigName.isOrphan(path.getFileName().toString())).toList();
    } catch (IOException e) {
      throw new RigException(e.toString(), e);
    }
  }
}
