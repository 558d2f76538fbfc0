// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Where file systems of a type are mounted, as this process sees it. */
public final class Mounts {
  private static final File MOUNTS = new File("/proc/self/mountinfo");

  private Mounts() {}

  /** The mount points of a type, in the order in which they were mounted. */
  public static List<Path> of(String type) {
    return lines(MOUNTS).stream()
        .filter(line -> line.contains(" - " + type + " "))
        .map(line -> Path.of(unescape(line.split(" ")[4])))
        .toList();
  }

  /**
   * The lines of a file, none if it can't be read. Not through a channel, which an interrupted
   * thread could not read.
   */
  public static List<String> lines(File file) {
    try (var reader = new BufferedReader(new FileReader(file, StandardCharsets.UTF_8))) {
      return reader.readAllLines();
    } catch (IOException e) {
      return List.of(); // no /proc: nothing is known
    }
  }

  /** The kernel writes spaces, tabs, newlines and backslashes of paths in octal. */
  private static String unescape(String path) {
    return path.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
