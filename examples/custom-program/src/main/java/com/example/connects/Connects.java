// SPDX-License-Identifier: Apache-2.0
package com.example.connects;

import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.RingBuffer;
import io.github.jbypass.core.typed.LongMap;
import io.github.jbypass.core.typed.RecordCodec;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Prints each TCP connection that a control group's processes make, and when it is ended by a
 * signal how many there were to each port.
 */
public final class Connects {
  private static final String OBJECT = "/bpf/connects.bpf.o";

  private Connects() {}

  /** Takes the group's directory, and perhaps a port to leave out. */
  public static void main(String[] arguments) {
    if (arguments.length == 0) {
      System.err.println("usage: connects CGROUP [IGNORED-PORT]");
      System.exit(2);
    }
    var cgroup = Cgroup.at(Path.of(arguments[0]));
    try (var spec = open()) {
      if (arguments.length > 1) {
        spec.set("ignored_port", Integer.parseInt(arguments[1]));
      }
      watch(cgroup, spec);
    }
  }

  private static BpfObjectSpec open() {
    return BpfObjectSpec.open("connects", Connects.class.getResourceAsStream(OBJECT));
  }

  private static void watch(Cgroup cgroup, BpfObjectSpec spec) {
    try (var object = spec.load();
        var ring = RingBuffer.open(object, "events");
        var _ = object.program("on_connect4").attach(cgroup);
        var _ = object.program("on_connect6").attach(cgroup)) {
      var ports = LongMap.of(object.map("connects_by_port"));
      var codec =
          RecordCodec.of(
              MethodHandles.lookup(), Connection.class, object.btf().struct("connection"));
      var stopping = stopAtSignal();
      System.out.println("watching " + cgroup.path());
      while (!stopping.get()) {
        ring.poll(
            (memory, offset, _) -> System.out.println(codec.read(memory, offset)),
            Duration.ofMillis(250));
      }
      ports.forEach((port, connects) -> System.out.println("port " + port + ": " + connects));
      System.out.println("events dropped: " + ring.dropped().orElseThrow());
    }
  }

  /** A flag that SIGINT and SIGTERM set. The JVM then waits until this thread has cleaned up. */
  private static AtomicBoolean stopAtSignal() {
    var stopping = new AtomicBoolean();
    var main = Thread.currentThread();
    Runnable stop =
        () -> {
          stopping.set(true);
          try {
            main.join();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    Runtime.getRuntime().addShutdownHook(new Thread(stop));
    return stopping;
  }
}
