// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.testing.KernelTest;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Opens thousands of damaged objects, and loads those that open, in a JVM of their own: that one
 * must live through it. What is loaded is attached to nothing.
 */
@KernelTest
class MutatedObjectTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "fixture, 0, 14000", // maps, global variables, three programs
    "relocated, 0, 4000", // CO-RE relocations
    "rejections, 0, 2000", // many programs, most of which are not loaded
  })
  @Timeout(120)
  void everyDamagedObjectIsRefusedOrHarmless(String object, long first, long count)
      throws IOException {
    var file = Files.write(directory.resolve(object), Fixture.bytes(object));
    var current = directory.resolve("current");
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:-CreateCoredumpOnCrash");
    command.add("-XX:ErrorFile=" + directory.resolve("crash"));
    command.addAll(Child.onClassPath());
    command.addAll(List.of(MutationRun.class.getName(), file.toString(), "" + first, "" + count));
    command.add(current.toString());

    var output = Child.run(command);

    System.out.printf("damaged %s by numbers %d to %d: %s", object, first, first + count, output);
    assertThat(output)
        .as("what opening %s with the damage of number %d leads to", object, number(current))
        .startsWith("{MalformedObjectException=")
        .contains("loaded=")
        .hasLineCount(1);
  }

  private static long number(Path current) throws IOException {
    try (var in = new DataInputStream(Files.newInputStream(current))) {
      return in.readLong();
    }
  }
}
