// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.testing;

import io.github.jbypass.core.BpfObject;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Opens damaged copies of an object, and loads those that open, in a JVM of their own: that one
 * must live through it. What is loaded is attached to nothing.
 */
public final class DamagedObjects {
  private DamagedObjects() {}

  /**
   * Goes through copies of an object.
   *
   * @param directory for files, empty
   * @param object the whole object
   * @param first number of the first damage
   * @param count how many follow each other
   * @return how often each outcome was met, as text
   * @throws AssertionError if the JVM ended early; names the damage that ended it
   */
  public static String open(Path directory, byte[] object, long first, long count)
      throws IOException, InterruptedException {
    var file = Files.write(directory.resolve("object"), object);
    var current = directory.resolve("current");
    var process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:-CreateCoredumpOnCrash",
                    "-XX:ErrorFile=" + directory.resolve("crash"),
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    place(BpfObject.class) + ":" + place(MutationRun.class),
                    MutationRun.class.getName(),
                    file.toString(),
                    Long.toString(first),
                    Long.toString(count),
                    current.toString()))
            .redirectErrorStream(true)
            .start();
    try {
      process.getOutputStream().close();
      var output = process.inputReader(StandardCharsets.UTF_8).readAllAsString().strip();
      if (process.waitFor() != 0 || output.lines().count() != 1) {
        throw new AssertionError("damage number " + number(current) + " led to: " + output);
      }
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  private static Path place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static long number(Path current) throws IOException {
    try (var in = new DataInputStream(Files.newInputStream(current))) {
      return in.readLong();
    }
  }
}
