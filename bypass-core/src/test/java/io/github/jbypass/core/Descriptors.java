// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What this process has open. */
final class Descriptors {
  private Descriptors() {}

  /** Targets of the descriptors that have to do with BPF, namespaces or control groups. */
  static List<String> ofBpf() throws IOException {
    var open = new ArrayList<String>();
    try (var entries = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (var entry : entries) {
        if (Files.isSymbolicLink(entry)) {
          var target = Files.readSymbolicLink(entry).toString();
          if (target.matches(".*(bpf|btf|cgroup|net:|iter).*")) {
            open.add(target);
          }
        }
      }
    }
    return open;
  }
}
