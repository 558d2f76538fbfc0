// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Mounts;
import io.github.jbypass.core.internal.NativeCode;
import io.github.jbypass.core.internal.ProbeCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the kernel tells about itself and this process in /proc and /sys, as words. */
final class KernelFacts {
  private static final Path PROC = Path.of("/proc");

  private KernelFacts() {}

  static Map<String, String> collect() {
    var facts = new LinkedHashMap<String, String>();
    facts.put("kernel", System.getProperty("os.version") + " " + System.getProperty("os.arch"));
    facts.put("libbpf", libbpf());
    facts.put("BTF of the kernel", btf());
    facts.put("JIT compiler", jit());
    facts.put("unprivileged BPF", unprivileged());
    facts.put("lockdown", lockdown());
    facts.put("cgroup v2", mounts("cgroup2"));
    facts.put("bpf file systems", mounts("bpf"));
    facts.put("RLIMIT_MEMLOCK", lockedMemory());
    return facts;
  }

  private static String libbpf() {
    return ProbeCalls.libbpfVersion().or(NativeCode::problem).orElseThrow();
  }

  private static String btf() {
    try {
      return Files.size(KernelBtf.FILE) + " bytes in " + KernelBtf.FILE;
    } catch (IOException e) {
      return "none: there is no " + KernelBtf.FILE;
    }
  }

  private static String jit() {
    return setting(
        "sys/net/core/bpf_jit_enable",
        Map.of("0", "off", "1", "on", "2", "on, with debugging output"),
        "always on, or not built in");
  }

  private static String unprivileged() {
    return setting(
        "sys/kernel/unprivileged_bpf_disabled",
        Map.of("0", "allowed", "1", "off until the next boot", "2", "off"),
        "not known to this kernel");
  }

  private static String setting(String path, Map<String, String> meanings, String absent) {
    try {
      var value = Files.readString(PROC.resolve(path)).strip();
      return meanings.getOrDefault(value, value);
    } catch (NoSuchFileException e) {
      return absent;
    } catch (IOException e) {
      return "could not tell: " + PROC.resolve(path) + " can't be read by this user";
    }
  }

  private static String lockdown() {
    return Refusal.lockdown().orElse("off, or not visible");
  }

  private static String mounts(String type) {
    var points = Mounts.of(type);
    return points.isEmpty()
        ? "not mounted"
        : points.stream().map(Path::toString).collect(Collectors.joining(", "));
  }

  static String lockedMemory() {
    try {
      return Files.readAllLines(PROC.resolve("self/limits")).stream()
          .filter(line -> line.startsWith("Max locked memory"))
          .map(line -> List.of(line.substring("Max locked memory".length()).strip().split("\\s+")))
          .map(words -> words.get(0).equals("unlimited") ? "unlimited" : words.get(0) + " bytes")
          .findFirst()
          .orElse("could not tell");
    } catch (IOException e) {
      return "could not tell: there is no /proc";
    }
  }
}
