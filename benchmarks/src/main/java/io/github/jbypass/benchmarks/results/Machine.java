// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.results;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Where figures come from, as far as they depend on it.
 *
 * @param cpu its model
 * @param cpus that this process may use
 * @param memory in GiB
 * @param kernel its release
 * @param java the version of the virtual machine
 */
public record Machine(String cpu, int cpus, long memory, String kernel, String java) {
  private static final Pattern MODEL = Pattern.compile("(?m)^model name\\s*:\\s*(.+)$");
  private static final Pattern MEMORY = Pattern.compile("(?m)^MemTotal:\\s*(\\d+) kB$");

  /** This one. */
  public static Machine here() throws IOException {
    var model = MODEL.matcher(Files.readString(Path.of("/proc/cpuinfo")));
    var memory = MEMORY.matcher(Files.readString(Path.of("/proc/meminfo")));
    return new Machine(
        model.find() ? model.group(1).strip() : System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors(),
        memory.find() ? Math.round(Long.parseLong(memory.group(1)) / (double) (1 << 20)) : 0,
        System.getProperty("os.version"),
        Runtime.version().toString());
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%s, %d CPUs, %d GiB, Linux %s, Java %s", cpu, cpus, memory, kernel, java);
  }
}
