// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Why the kernel may have said EPERM: what this process is allowed to do. */
final class Privileges {
  /** The uid_map of the initial user namespace: all ids, as they are. */
  private static final String WHOLE_HOST = "0 0 4294967295";

  private static final int CAP_NET_ADMIN = 12;
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;

  private Privileges() {}

  /** The capabilities that loading and attaching needs and that this process does not have. */
  static List<String> missing() {
    long effective = effective();
    var missing = new ArrayList<String>();
    if (!has(effective, CAP_SYS_ADMIN)) { // which implies the others
      addUnless(has(effective, CAP_BPF), "CAP_BPF", missing);
      addUnless(has(effective, CAP_NET_ADMIN), "CAP_NET_ADMIN", missing);
      addUnless(has(effective, CAP_PERFMON), "CAP_PERFMON", missing);
    }
    return missing;
  }

  /** Whether capabilities of this process are worth less than on the host. */
  static boolean inUserNamespace() {
    try {
      var map = Files.readString(Path.of("/proc/self/uid_map")).strip();
      return !map.replaceAll("\\s+", " ").equals(WHOLE_HOST);
    } catch (IOException e) {
      return false; // a kernel without user namespaces
    }
  }

  private static void addUnless(boolean present, String name, List<String> missing) {
    if (!present) {
      missing.add(name);
    }
  }

  private static boolean has(long capabilities, int capability) {
    return (capabilities >>> capability & 1) != 0;
  }

  private static long effective() {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("CapEff:"))
          .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0; // without /proc nothing is known: name all that is needed
    }
  }
}
