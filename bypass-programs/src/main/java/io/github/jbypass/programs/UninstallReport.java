// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import java.nio.file.Path;
import java.util.List;

/**
 * What became of a directory of pins. Immutable.
 *
 * @param removed data paths that were removed, each the directory of one layout
 * @param left files and directories that stay because they are not ours, or hold such
 */
public record UninstallReport(List<Path> removed, List<Path> left) {
  /** Copies the lists. */
  public UninstallReport {
    removed = List.copyOf(removed);
    left = List.copyOf(left);
  }
}
