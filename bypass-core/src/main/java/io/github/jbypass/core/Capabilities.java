// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a thread is allowed to do with BPF. Immutable.
 *
 * @param effective those of the four that count now
 * @param userNamespace whether they are those of a user namespace, where they don't count for BPF
 */
public record Capabilities(Set<Capability> effective, boolean userNamespace) {
  /** The uid_map of the initial user namespace: all ids, as they are. */
  private static final String WHOLE_HOST = "0 0 4294967295";

  /** Keeps a copy. */
  public Capabilities {
    effective = Collections.unmodifiableSet(copy(effective));
  }

  /**
   * {@return the capabilities of the calling thread, which in Java are those of the process}
   * Without /proc nothing is known: then there are none.
   */
  public static Capabilities current() {
    long mask = effectiveMask();
    var effective = EnumSet.noneOf(Capability.class);
    for (var capability : Capability.values()) {
      if (capability.isIn(mask)) {
        effective.add(capability);
      }
    }
    return new Capabilities(effective, inUserNamespace());
  }

  /**
   * {@return whether the kernel grants what a capability stands for}
   *
   * @param capability one of the four
   */
  public boolean has(Capability capability) {
    return !userNamespace
        && (effective.contains(capability) || effective.contains(Capability.CAP_SYS_ADMIN));
  }

  /**
   * {@return which capabilities an operation still needs}
   *
   * @param needed the ones that it takes
   */
  public Set<Capability> missing(Collection<Capability> needed) {
    var missing = copy(needed);
    missing.removeIf(this::has);
    return Collections.unmodifiableSet(missing);
  }

  /** What a process with these can't do, and why; a line each. */
  @Override
  public String toString() {
    if (userNamespace) {
      return "worth nothing for BPF inside a user namespace";
    }
    var missing = missing(EnumSet.allOf(Capability.class));
    return missing.isEmpty()
        ? "all"
        : missing.stream()
            .map(one -> "without " + one + " no " + one.prevents())
            .collect(Collectors.joining("\n"));
  }

  private static EnumSet<Capability> copy(Collection<Capability> capabilities) {
    var copy = EnumSet.noneOf(Capability.class);
    copy.addAll(capabilities);
    return copy;
  }

  private static boolean inUserNamespace() {
    try {
      var map = Files.readString(Path.of("/proc/self/uid_map")).strip();
      return !map.replaceAll("\\s+", " ").equals(WHOLE_HOST);
    } catch (IOException e) {
      return false; // a kernel without user namespaces
    }
  }

  private static long effectiveMask() {
    try (var lines = Files.lines(Path.of("/proc/thread-self/status"))) {
      return lines
          .filter(line -> line.startsWith("CapEff:"))
          .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
