// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/** A program that tries one thing and tells how that went. */
final class UnprivilegedUser {
  private UnprivilegedUser() {}

  /** Takes the name of the attempt and the directory of a control group. */
  public static void main(String[] arguments) throws IOException {
    try {
      switch (arguments[0]) {
        case "use" -> use(Path.of(arguments[1]));
        case "read-kernel-memory" -> readKernelMemory();
        case "enter-namespace" -> NetworkNamespace.at(Path.of(arguments[2])).cookie();
        case "own-namespace" -> NetworkNamespace.ofThisProcess().device("lo");
        case "open-map" -> BpfMap.openById(1).close();
        case "open-program" -> BpfProgram.openById(1).close();
        case "statistics" -> KernelStatistics.enable().close();
        case "report" -> {
          System.out.print(KernelReport.create().json());
          return;
        }
        default -> throw new IllegalArgumentException(arguments[0]);
      }
      System.out.println("DONE " + Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (PrivilegeException e) {
      System.out.println("REFUSED " + e.missing() + " " + e.getMessage());
      if (e.getCause() != null) {
        System.out.println("caused by " + e.getCause().getClass().getSimpleName());
      }
    }
  }

  private static void use(Path group) {
    try (var object = Fixture.load();
        var arena = Arena.ofConfined();
        var _ = object.program("count_runs").attach(Cgroup.at(group));
        var _ = object.program("pass_message").attach(object.map("sockets"))) {
      var key = arena.allocate(JAVA_INT);
      var value = arena.allocateFrom(JAVA_LONG, 42);
      var numbers = object.map("numbers");
      numbers.update(key, value, UpdateMode.ANY);
      value.set(JAVA_LONG, 0, 0);
      if (!numbers.lookup(key, value) || value.get(JAVA_LONG, 0) != 42) {
        throw new AssertionError("the map did not keep what it was given");
      }
      if (object.global("runs").get(JAVA_LONG, 0) != 0) {
        throw new AssertionError("nothing has run yet");
      }
    }
  }

  private static void readKernelMemory() {
    try (var spec = Fixture.open("rejections")) {
      spec.autoload("reads_kernel_memory", true);
      spec.load().close();
    }
  }
}
