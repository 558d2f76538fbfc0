// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.TcFilter;
import java.nio.file.Path;
import java.util.List;

/**
 * What became of a directory of pins. Immutable.
 *
 * @param removed data paths that were removed, each the directory of one layout
 * @param left files and directories that stay because they are not ours, or hold such
 * @param connections number of connections from outside that were led to sidecars and go on
 * @param filters on interfaces, that stay because such connections need them; they lead no new
 *     ones. The next agent with a pod there removes them when the connections have ended, and so
 *     does the next {@link Bypass#uninstall} of an intercepting data path
 * @param hasUnreachedFilters whether there are filters in network namespaces that could not be
 *     found or entered; they lead no new connections, and end with their namespace
 */
public record UninstallReport(
    List<Path> removed,
    List<Path> left,
    int connections,
    List<TcFilter> filters,
    boolean hasUnreachedFilters) {
  static final UninstallReport NOTHING =
      new UninstallReport(List.of(), List.of(), 0, List.of(), false);

  /** Copies the lists. */
  public UninstallReport {
    removed = List.copyOf(removed);
    left = List.copyOf(left);
    filters = List.copyOf(filters);
  }
}
