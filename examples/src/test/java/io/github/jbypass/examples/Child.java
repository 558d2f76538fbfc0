// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One of the examples in a JVM of its own, as the launcher runs it. */
final class Child implements AutoCloseable {
  private static final int LIMIT_SECONDS = 60;

  private final Process process;
  private final BufferedReader output;
  private final BufferedReader errors;

  private Child(Process process) {
    this.process = process;
    output = process.inputReader();
    errors = process.errorReader();
  }

  static Child start(String... arguments) throws IOException {
    return startBy(List.of(), System.getProperty("java.class.path"), arguments);
  }

  /** The same with another class path, by a command that starts what it is given. */
  static Child startBy(List<String> wrapper, String classPath, String... arguments)
      throws IOException {
    return java(
        wrapper,
        List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath, Main.class.getName()),
        arguments);
  }

  /** A program that is packed in a jar, with its main class in the manifest. */
  static Child startJar(Path jar, String... arguments) throws IOException {
    return java(List.of(), List.of("-jar", jar.toString()), arguments);
  }

  /** The same as another user who has some capabilities, as docs/privileges.md has it. */
  static Child startJarAs(int user, String capabilities, Path jar, String... arguments)
      throws IOException {
    return java(
        List.of(
            "setpriv",
            "--reuid=" + user,
            "--regid=" + user,
            "--clear-groups",
            "--bounding-set=-all," + capabilities,
            "--inh-caps=-all," + capabilities,
            "--ambient-caps=-all," + capabilities,
            "--no-new-privs"),
        List.of("-jar", jar.toString()),
        arguments);
  }

  private static Child java(List<String> wrapper, List<String> program, String... arguments)
      throws IOException {
    // Whoever started us in the background may have made us ignore the signal.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.addAll(wrapper);
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(program);
    command.addAll(List.of(arguments));
    return new Child(new ProcessBuilder(command).start());
  }

  long pid() {
    return process.pid();
  }

  /** The next line of standard output; null at its end. */
  String line() throws IOException {
    return output.readLine();
  }

  /** Whether standard output has something to read. */
  boolean hasOutput() throws IOException {
    return output.ready();
  }

  /** What is left of standard output, up to the child's end. */
  String output() {
    return readAll(output);
  }

  /** Reads standard output no more, as {@code head} does when it has enough. */
  void closeOutput() throws IOException {
    output.close();
  }

  /** The next line of standard error; null at its end. */
  String errorLine() throws IOException {
    return errors.readLine();
  }

  /** The next line of the log that warns, or of complaints; null at the end of standard error. */
  String warning() throws IOException {
    String line = errorLine();
    while (line != null && line.contains(" level=info ")) {
      line = errorLine();
    }
    return line;
  }

  /** What is left of standard error without lines of the log that only inform. */
  List<String> warnings() {
    return errors().lines().filter(line -> !line.contains(" level=info ")).toList();
  }

  /** What is left of standard error, up to the child's end. */
  String errors() {
    return readAll(errors);
  }

  void signal(String name) throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("sh", "-c", "kill -%s %d".formatted(name, process.pid()))
            .inheritIO()
            .start()
            .waitFor();
    assertThat(status).isZero();
  }

  int status() throws InterruptedException {
    assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("child has ended").isTrue();
    return process.exitValue();
  }

  private static String readAll(BufferedReader reader) {
    try {
      return reader.readAllAsString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
