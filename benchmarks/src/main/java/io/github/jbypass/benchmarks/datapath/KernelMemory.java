// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** What the kernel has allocated for its own objects, on the whole machine. */
final class KernelMemory {
  private static final List<Pattern> OBJECTS =
      List.of(
          Pattern.compile("(?m)^Slab:\\s+(\\d+) kB$"),
          Pattern.compile("(?m)^Percpu:\\s+(\\d+) kB$"));
  private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable:\\s+(\\d+) kB$");

  private KernelMemory() {}

  /** Bytes of slabs, in which sockets and what belongs to them are, and of per-CPU memory. */
  static long used() throws IOException {
    var text = text();
    return OBJECTS.stream().mapToLong(pattern -> bytes(pattern, text)).sum();
  }

  /** Bytes that could be had. */
  static long available() throws IOException {
    return bytes(AVAILABLE, text());
  }

  private static String text() throws IOException {
    return Files.readString(Path.of("/proc/meminfo"));
  }

  private static long bytes(Pattern pattern, String text) {
    var line = pattern.matcher(text);
    return line.find() ? Long.parseLong(line.group(1)) << 10 : 0;
  }
}
