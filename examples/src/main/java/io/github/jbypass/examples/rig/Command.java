// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A short command, run to its end whatever happens to this thread or comes from the terminal:
 * cleaning up needs that.
 */
public final class Command {
  private Command() {}

  /**
   * Runs a command and returns what it printed; anything but status 0 is an error that shows its
   * output.
   */
  public static String run(List<String> command) {
    Result result = attempt(command);
    if (result.status != 0) {
      throw new RigException(
          "`%s` failed with status %d: %s"
              .formatted(String.join(" ", command), result.status, result.output.strip()));
    }
    return result.output;
  }

  public static String run(String... command) {
    return run(List.of(command));
  }

  /** Whether the command ends with status 0. */
  static boolean succeeds(List<String> command) {
    return attempt(command).status == 0;
  }

  private static Result attempt(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(shielded(command))
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .start();
      String output;
      try (var reader = process.inputReader()) {
        output = reader.readAllAsString();
      }
      return new Result(process.onExit().join().exitValue(), output);
    } catch (IOException e) {
      throw new RigException("`%s` could not be run".formatted(command.getFirst()), e);
    }
  }

  /** In a session of its own, a command doesn't get the Ctrl-C that is meant for us. */
  static List<String> shielded(List<String> command) {
    List<String> line = new ArrayList<>(List.of("setsid"));
    line.addAll(command);
    return line;
  }

  private record Result(int status, String output) {}
}
