// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Looks for network namespaces: first where they are mounted, which outlasts processes. */
final class NamespaceSearch {
  private static final Path PROCESSES = Path.of("/proc");

  private final List<NetworkNamespace> found = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();

  private NamespaceSearch() {}

  static List<NetworkNamespace> run() {
    var search = new NamespaceSearch();
    Mounts.of("nsfs").forEach(search::look);
    search.lookAtProcesses();
    return search.found;
  }

  private void lookAtProcesses() {
    try (var processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      processes.forEach(process -> lookOnce(process.resolve("ns/net")));
    } catch (IOException e) {
      throw new BpfException("find", "network namespaces", 0, "/proc has to be mounted");
    }
  }

  /** Many processes are in one namespace: its number is in the link. */
  private void lookOnce(Path link) {
    try {
      if (!seen.contains(Files.readSymbolicLink(link).toString())) {
        look(link);
      }
    } catch (IOException e) {
      // the process has ended, or may not be inspected
    }
  }

  private void look(Path file) {
    try {
      var namespace = NetworkNamespace.at(file);
      if (!found.contains(namespace)) {
        found.add(namespace);
      }
      seen.add("net:[" + namespace.inode() + "]");
    } catch (NotNetworkNamespaceException | PrivilegeException e) {
      // gone meanwhile, one of another kind, or not to be inspected
    }
  }
}
