// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM in circumstances that this one can't be in. It loads an object and tells how that went. */
final class Child {
  private static final int TIMEOUT_SECONDS = 60;

  private Child() {}

  /** Runs in the child. */
  public static void main(String[] arguments) {
    try (var object = Fixture.open(arguments[0]).load()) {
      System.out.println("LOADED " + object.btf().variables().keySet());
      KernelStatistics.enable().close();
      System.out.println("COUNTING");
    } catch (BpfException e) {
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  /**
   * What a child prints.
   *
   * @param wrapper a command that starts another command, or nothing
   * @param options options of the JVM
   * @param object name of the object to load
   */
  static String output(List<String> wrapper, List<String> options, String object) {
    var command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add(Child.class.getName());
    command.add(object);
    return run(command);
  }

  /** What another main class prints. */
  static String output(Class<?> main, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(onClassPath());
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return run(command);
  }

  /** What a command prints. */
  static String run(List<String> command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try {
        process.getOutputStream().close();
        var output = process.inputReader(StandardCharsets.UTF_8).readAllAsString();
        assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
        return output;
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError("can't run " + command, e);
    }
  }

  /** Options that put this module's classes and its tests on the class path. */
  static List<String> onClassPath() {
    return List.of(
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        classes(BpfObject.class) + ":" + classes(Child.class));
  }

  /** Options that make the classes a named module, the tests a patch of it. */
  static List<String> asModule() {
    return List.of(
        "--illegal-native-access=deny",
        "-p",
        classes(BpfObject.class).toString(),
        "--patch-module",
        "io.github.jbypass.core=" + classes(Child.class),
        "--add-modules",
        "io.github.jbypass.core");
  }

  /** The directory that holds a class. */
  static Path classes(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    try {
      return Path.of(source.getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
