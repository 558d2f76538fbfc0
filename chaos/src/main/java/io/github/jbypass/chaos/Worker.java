// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import io.github.jbypass.chaos.ends.End;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.examples.rig.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A JVM of the scene, in its cgroup and a namespace. It ends with its standard input. */
final class Worker implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  private final String name;
  private final Process process;
  private final Writer commands;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  private Worker(String name, Process process, Consumer<String> reports) {
    this.name = name;
    this.process = process;
    commands = process.outputWriter();
    Thread.ofPlatform().daemon().name(name).start(() -> listen(reports));
  }

  /**
   * Starts one and waits until it is ready.
   *
   * @param reports gets each line of output that is no answer
   * @param wrapper what starts the JVM
   */
  static Worker start(
      String name,
      Cgroup cgroup,
      Namespace namespace,
      Consumer<String> reports,
      List<String> wrapper,
      Class<?> program,
      String... arguments)
      throws InterruptedException {
    // The shell enters the cgroup before it becomes the program.
    var line = new ArrayList<>(List.of("setsid", "sh", "-c", "echo $$ > \"$0\" && exec \"$@\""));
    line.add(cgroup.path().resolve("cgroup.procs").toString());
    line.addAll(namespace.inside(wrapper.toArray(String[]::new)));
    line.addAll(Jvm.command(List.of("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch"), program));
    line.addAll(List.of(arguments));
    try {
      var process = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      var worker = new Worker(name, process, reports);
      worker.await(End.READY);
      return worker;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void listen(Consumer<String> reports) {
    try (var lines = process.inputReader()) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals(End.READY) || line.startsWith(End.STATE) || line.equals(End.DONE)) {
          answers.add(line);
        } else {
          reports.accept(line);
        }
      }
    } catch (IOException e) {
      reports.accept(End.FAILURE + " " + name + ": " + e.getMessage());
    }
  }

  /** Tells it to do something; returns when that is done. */
  String tell(String command) throws InterruptedException {
    try {
      commands.write(command + "\n");
      commands.flush();
    } catch (IOException e) {
      throw new ChaosException(name + " is gone: " + e.getMessage());
    }
    return await(End.STATE);
  }

  /** Waits for an answer. */
  String await(String beginning) throws InterruptedException {
    var answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (answer == null || !answer.startsWith(beginning)) {
      throw new ChaosException(
          "%s said %s instead of %s%s"
              .formatted(name, answer, beginning, process.isAlive() ? "" : ": it has ended"));
    }
    return answer;
  }

  boolean hasAnswered(String answer) {
    return answers.remove(answer);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** Sends SIGKILL and waits until it is gone. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  /** How another program of the class path is started. */
  static final class Jvm {
    private Jvm() {}

    static List<String> command(List<String> options, Class<?> program) {
      var line =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "--enable-native-access=ALL-UNNAMED"));
      line.addAll(options);
      line.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
      return line;
    }
  }
}
