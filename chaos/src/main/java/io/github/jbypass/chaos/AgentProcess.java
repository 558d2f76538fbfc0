// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import io.github.jbypass.chaos.Worker.Jvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The agent, as {@code ./bypass agent} runs it. */
final class AgentProcess {
  private static final long PATIENCE_SECONDS = 30;
  private static final String READY = "READY";

  private final Process process;
  private final CountDownLatch ready = new CountDownLatch(1);
  private final Thread listener;
  private volatile Map<String, Long> counters = Map.of();
  private volatile String complaint = "";

  private AgentProcess(Process process) {
    this.process = process;
    listener = Thread.ofPlatform().daemon().name("agent").start(this::listen);
    Thread.ofPlatform().daemon().name("agent's errors").start(this::listenToErrors);
  }

  /** Starts it and waits until it is attached. */
  static AgentProcess start(Class<?> program, List<String> arguments) throws InterruptedException {
    var line = Jvm.command(List.of("-Xmx64m"), program);
    line.add("agent");
    line.addAll(arguments);
    try {
      var agent = new AgentProcess(new ProcessBuilder(line).start());
      if (!agent.ready.await(PATIENCE_SECONDS, TimeUnit.SECONDS) || !agent.process.isAlive()) {
        agent.process.destroyForcibly();
        throw new ChaosException("the agent is not ready: " + agent.complaint);
      }
      return agent;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void listen() {
    try (var lines = process.inputReader()) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals(READY)) {
          ready.countDown();
        } else if (line.contains("=")) {
          counters = parse(line);
        }
      }
    } catch (IOException e) {
      complaint = e.toString(); // killed in the middle of a line
    }
    ready.countDown();
  }

  private void listenToErrors() {
    try (var lines = process.errorReader()) {
      lines.lines().forEach(line -> complaint += line + "; ");
    } catch (IOException | UncheckedIOException e) {
      complaint += e;
    }
  }

  private static Map<String, Long> parse(String line) {
    var counters = new HashMap<String, Long>();
    for (var word : line.split(" ")) {
      var pair = word.split("=");
      counters.put(pair[0], Long.parseLong(pair[1]));
    }
    return counters;
  }

  /** A counter as it was in the last line. */
  long counter(String name) {
    return counters.getOrDefault(name, 0L);
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** What it has said on its standard error. */
  String complaint() {
    return complaint;
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
    listener.join();
  }

  /** Has it end in good order. */
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new ChaosException("the agent does not end");
    }
    listener.join();
    if (process.exitValue() != 0) {
      throw new ChaosException("the agent ended with " + process.exitValue() + ": " + complaint);
    }
  }
}
