// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel holds, in bytes. */
public final class KernelMemory {
  private KernelMemory() {}

  /** The small objects that the kernel can't give back, of the whole host. */
  public static long slab() {
    return kilobytes("/proc/meminfo", "SUnreclaim:") << 10;
  }

  private static long kilobytes(String file, String field) {
    try (var lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(field))
          .map(line -> line.replaceAll("\\D", ""))
          .mapToLong(Long::parseLong)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
