// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.NetworkNamespace;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.Pod;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.BypassBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Another JVM that accelerates a cgroup, and may intercept, until it is closed or killed. */
public final class Agent implements AutoCloseable {
  private static final String PINS = "jbypass.test.pins";
  private static final String READY = "READY";
  private static final long PATIENCE_SECONDS = 30;

  private final Process process;
  private final BufferedReader answers;
  private final Writer questions;

  private Agent(Process process) {
    this.process = process;
    answers = process.inputReader(StandardCharsets.US_ASCII);
    questions = process.outputWriter(StandardCharsets.US_ASCII);
  }

  /**
   * Starts it and waits until it is attached. It must not be a member of the cgroup itself.
   *
   * @param pods hosts whose connections it intercepts, as Istio's pods
   */
  public static Agent start(Path cgroup, Host... pods) {
    return start(cgroup, Optional.empty(), pods);
  }

  /** The same, which adopts what is pinned in a directory, or pins there. */
  public static Agent startPinned(Path cgroup, Path pins, Host... pods) {
    return start(cgroup, Optional.of(pins), pods);
  }

  private static Agent start(Path cgroup, Optional<Path> pins, Host... pods) {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    try {
      List<String> command = new ArrayList<>();
      command.add(java.toString());
      command.add("--enable-native-access=ALL-UNNAMED");
      pins.ifPresent(directory -> command.add("-D" + PINS + "=" + directory));
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.addAll(List.of(Agent.class.getName(), cgroup.toString()));
      for (Host pod : pods) {
        command.add(pod.namespace().path().toString());
        command.add(pod.ipv4().getHostAddress());
        command.add(pod.ipv6().getHostAddress());
      }
      Agent agent =
          new Agent(
              new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
      String line = agent.answers.readLine();
      if (!READY.equals(line)) {
        agent.close();
        throw new AssertionError("the agent said " + line + " instead of " + READY);
      }
      return agent;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many messages it has redirected. */
  public long redirected() {
    try {
      questions.write("\n");
      questions.flush();
      return Long.parseLong(answers.readLine());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public long pid() {
    return process.pid();
  }

  /** Sends SIGKILL, and waits until the process is gone. */
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** Lets it leave in good order. */
  @Override
  public void close() {
    try {
      questions.close(); // the end of its input is its sign to go
    } catch (IOException e) {
      process.destroyForcibly(); // a dead reader: it has gone already
    }
    awaitEnd();
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError("the agent did not leave");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The agent: answers every line of input with its counter, and leaves at the end of input. */
  public static void main(String[] arguments) throws IOException {
    BypassBuilder builder = Bypass.builder().cgroup(Cgroup.at(Path.of(arguments[0])));
    if (arguments.length > 1) {
      builder.intercept(Mesh.ISTIO);
    }
    String pins = System.getProperty(PINS);
    try (Bypass bypass = pins == null ? builder.load() : builder.adoptOrLoad(Path.of(pins))) {
      if (pins == null) {
        bypass.attach(); // and then the pods, as somebody may who has none at first
      }
      for (int i = 1; i < arguments.length; i += 3) {
        bypass
            .pods()
            .add(
                Pod.named("pod " + i)
                    .namespace(NetworkNamespace.at(Path.of(arguments[i])))
                    .address(arguments[i + 1])
                    .address(arguments[i + 2])
                    .build());
      }
      if (pins != null) {
        bypass.attach();
      }
      System.out.println(READY);
      while (System.in.read() >= 0) {
        System.out.println(bypass.counters().get(Counter.REDIRECTED));
      }
    }
  }
}
