// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.core.Cgroup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Another JVM, for file descriptors and a cgroup of its own. It answers each line with a line.
 * Closing ends it.
 */
final class Child implements AutoCloseable {
  private static final long STOP_SECONDS = 10;

  private final Process process;
  private final PrintWriter requests;
  private final BufferedReader answers;

  /** Runs a main class of this class path in a cgroup, or where this process is. */
  Child(Optional<Cgroup> cgroup, Class<?> main) throws IOException {
    process =
        new ProcessBuilder(command(cgroup, List.of(main.getName())))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    requests = new PrintWriter(process.outputWriter(), true);
    answers = process.inputReader();
  }

  /** The command line of a JVM as this one is, with arguments that follow the class path. */
  static List<String> command(Optional<Cgroup> cgroup, List<String> arguments) {
    var line = new ArrayList<String>();
    cgroup.ifPresent(
        group ->
            // The shell enters before it becomes Java: sockets belong where they were made.
            line.addAll(
                List.of(
                    "sh",
                    "-c",
                    "echo $$ > \"$0\" && exec \"$@\"",
                    group.path().resolve("cgroup.procs").toString())));
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.add("--enable-native-access=ALL-UNNAMED");
    line.add("-XX:+UseSerialGC"); // whose threads don't disturb those that are measured
    line.add("-cp");
    line.add(System.getProperty("java.class.path"));
    line.addAll(arguments);
    return line;
  }

  /** Asks for something and waits for the numbers that it comes to. */
  double[] ask(String request) throws IOException {
    begin(request);
    return await(request);
  }

  /** Asks for something; {@link #await} waits for the answer. */
  void begin(String request) {
    requests.println(request);
  }

  double[] await(String request) throws IOException {
    var answer = answers.readLine();
    if (answer == null) {
      throw new IOException("a child process ended at '%s'".formatted(request));
    }
    if (answer.startsWith("!")) {
      throw new IOException("'%s' failed: %s".formatted(request, answer.substring(1)));
    }
    return Arrays.stream(answer.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  @Override
  public void close() throws IOException {
    requests.close(); // it ends at the end of its input
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    process.onExit().join();
  }
}
