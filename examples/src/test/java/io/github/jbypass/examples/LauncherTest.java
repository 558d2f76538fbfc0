// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the launcher answers without building anything. */
@Timeout(60)
class LauncherTest {
  private static final Path LAUNCHER = Path.of("../bypass").toAbsolutePath().normalize();

  @TempDir private Path elsewhere;

  @Test
  void helpListsTheWords() throws Exception {
    Answer answer = launch("\"$0\" help");
    assertThat(answer.output).contains("demo", "agent", "test", "bench", "doctor", "flows");
    assertThat(answer.status).isZero();
  }

  @Test
  void anUnknownWordIsNamed() throws Exception {
    Answer answer = launch("\"$0\" fly");
    assertThat(answer.output.lines()).singleElement().asString().contains("'fly'");
    assertThat(answer.status).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "six", "6", "6.1.0"})
  void whatCannotBeAKernelIsNamed(String version) throws Exception {
    Answer answer = launch("\"$0\" test --kernel " + version);
    assertThat(answer.output.lines()).singleElement().asString().endsWith("not '" + version + "'");
    assertThat(answer.status).isEqualTo(2);
  }

  @Test
  void aClosedStandardInputDoesNotMatter() throws Exception {
    assertThat(launch("\"$0\" help <&-").status).isZero();
  }

  private Answer launch(String shellCommand) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("sh", "-c", shellCommand, LAUNCHER.toString())
            .directory(elsewhere.toFile())
            .redirectErrorStream(true)
            .start();
    try (var reader = process.inputReader()) {
      String output = reader.readAllAsString();
      return new Answer(process.waitFor(), output);
    }
  }

  private record Answer(int status, String output) {}
}
