// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import io.github.jbypass.core.Cgroup;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A process in a cgroup and a namespace, its output in a file. Closing ends it. */
final class PodProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(10);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(3);

  private final String program;
  private final Process process;
  private final Path output;

  private PodProcess(String program, Process process, Path output) {
    this.program = program;
    this.process = process;
    this.output = output;
  }

  static PodProcess start(Cgroup cgroup, Namespace namespace, Path output, String... command) {
    // The shell enters the cgroup before it becomes the program: sockets belong to the cgroup in
    // which they were made.
    List<String> line =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                "echo $$ > \"$0\" && exec \"$@\"",
                cgroup.path().resolve("cgroup.procs").toString()));
    line.addAll(namespace.inside(command));
    try {
      Process process =
          new ProcessBuilder(Command.shielded(line))
              .redirectInput(new File("/dev/null"))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      return new PodProcess(command[0], process, output);
    } catch (IOException e) {
      throw new RigException("%s could not be started".formatted(command[0]), e);
    }
  }

  /** Waits until a socket listens on each of the ports. */
  void awaitListening(Namespace namespace, int... ports) throws InterruptedException {
    for (int port : ports) {
      await("listen on port " + port, () -> namespace.listensOn(port));
    }
  }

  /** Waits until a Unix-domain socket takes connections. */
  void awaitListening(Path socket) throws InterruptedException {
    await("listen on " + socket, () -> takesConnections(socket));
  }

  private static boolean takesConnections(Path socket) {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException _) {
      return false; // not yet; why not, the process tells when it ends
    }
  }

  private void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (!process.isAlive()) {
        throw new RigException(
            "%s ended with status %d: %s".formatted(program, process.exitValue(), output()));
      }
      if (System.nanoTime() > end) {
        throw new RigException("%s does not %s: %s".formatted(program, what, output()));
      }
      Thread.sleep(20);
    }
  }

  /** Waits for the end of a process that ends by itself, and returns what it printed. */
  String awaitOutput(Duration limit) throws InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new RigException("%s did not end within %s".formatted(program, limit));
    }
    if (process.exitValue() != 0) {
      throw new RigException(
          "%s ended with status %d: %s".formatted(program, process.exitValue(), output()));
    }
    return output();
  }

  private String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new RigException(e.toString(), e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    process
        .onExit()
        .copy()
        .completeOnTimeout(process, STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
        .join();
    process.destroyForcibly().onExit().join();
  }
}
