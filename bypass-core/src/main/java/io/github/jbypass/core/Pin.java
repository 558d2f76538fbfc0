// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.nio.file.Path;

/** A file in a bpf file system, and what it kept alive when it was looked at. Immutable. */
public sealed interface Pin {
  /** {@return the file} */
  Path file();

  /**
   * A pinned map.
   *
   * @param file the file
   * @param info the map
   */
  record OfMap(Path file, MapInfo info) implements Pin {}

  /**
   * A pinned program.
   *
   * @param file the file
   * @param info the program
   */
  record OfProgram(Path file, ProgramInfo info) implements Pin {}

  /**
   * A pinned link.
   *
   * @param file the file
   * @param info the link
   */
  record OfLink(Path file, LinkInfo info) implements Pin {}
}
