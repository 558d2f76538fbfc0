// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.Optional;

/**
 * A line of C that a program was compiled from.
 *
 * @param file its name, without directories; kernels before 6.9 do not tell
 * @param line its number, from 1; 0 if there is no file
 * @param text what stands there
 */
public record SourceLine(Optional<String> file, int line, String text) {
  @Override
  public String toString() {
    return file.map(name -> name + ":" + line + ": " + text).orElse(text);
  }
}
