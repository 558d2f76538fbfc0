// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.examples.rig.Interception;
import io.github.jbypass.examples.rig.Load;
import io.github.jbypass.examples.rig.LoadResult;
import io.github.jbypass.examples.rig.MeshRig;
import io.github.jbypass.examples.rig.RigException;
import io.github.jbypass.examples.rig.Rounds;
import io.github.jbypass.examples.rig.SidecarMode;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.BypassBuilder;
import io.github.jbypass.programs.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Two identical meshes side by side, one accelerated, under the same load in turns. */
@Command(
    name = "demo",
    description = {
      "Loads two pods with HAProxy sidecars and nginx, plain and accelerated, and compares.",
      "Fails if no message was redirected."
    })
final class MeshDemo implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  private boolean help;

  @Option(
      names = "--mode",
      paramLabel = "http|tcp|nginx",
      defaultValue = "http",
      description = "How the sidecars forward (${DEFAULT-VALUE}).")
  private SidecarMode mode = SidecarMode.HTTP;

  @Option(
      names = "--bodies",
      split = ",",
      paramLabel = "BYTES",
      defaultValue = "64,16KiB,64KiB,1MiB",
      description = "Sizes of the answers (${DEFAULT-VALUE}).")
  private List<ByteSize> bodies = List.of();

  @Option(
      names = "--connections",
      split = ",",
      paramLabel = "N",
      description =
          "Connections at once, for every body (1,10,100 for the first body, 10 for the others).")
  private List<Integer> connections = List.of();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Each plain and accelerated; the table shows medians (${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "2",
      description = "Length of each load (${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--intercept",
      description =
          "The accelerated mesh has no iptables rules: its connections are led to the sidecars"
              + " without them. Fails if none were.")
  private boolean intercept;

  @Option(names = "--close", description = "A new connection for each request.")
  private boolean close;

  @Override
  public Integer call() throws InterruptedException {
    Termination.interruptsThisThread();
    List<Load> loads = loads();
    System.out.printf(
        "%d loads of %d s, %d rounds each, sidecars in %s mode: about %d s%n",
        loads.size(), seconds, rounds, mode, 2 * loads.size() * seconds * rounds + 5);
    Interception interception = intercept ? Interception.BYPASS : Interception.IPTABLES;
    try (MeshRig plain = MeshRig.start("plain", mode);
        MeshRig accelerated = MeshRig.start("accelerated", mode, interception);
        Bypass bypass = load(accelerated)) {
      bypass.attach();
      compare(loads, plain, accelerated, bypass);
      if (intercept) {
        showInterception(accelerated, bypass);
      }
      return 0;
    }
  }

  private Bypass load(MeshRig rig) {
    BypassBuilder builder = Bypass.builder().cgroup(rig.cgroup());
    if (!intercept) {
      return builder.load();
    }
    Bypass bypass = builder.intercept(Mesh.ISTIO).load();
    try {
      bypass.pods().set(rig.pods());
      return bypass;
    } catch (RuntimeException e) {
      bypass.close();
      throw e;
    }
  }

  private static void showInterception(MeshRig rig, Bypass bypass) {
    List<String> rules = rig.netfilterRules();
    long intercepted = bypass.counters().get(Counter.CONNECTIONS_INTERCEPTED);
    requireInterception(rules, rig.trackedConnections(), intercepted);
    System.out.printf(
        "no netfilter rule in the accelerated mesh, no connection tracked: %d were intercepted%n",
        intercepted);
  }

  /** Without this, something else might have led the connections. */
  static void requireInterception(List<String> rules, int tracked, long intercepted) {
    if (!rules.isEmpty()) {
      throw new RigException("the accelerated mesh has netfilter rules: " + rules);
    }
    if (tracked > 0) {
      throw new RigException(tracked + " connections of the accelerated mesh are tracked");
    }
    if (intercepted == 0) {
      throw new RigException("no connection was intercepted");
    }
  }

  private void compare(List<Load> loads, MeshRig plain, MeshRig accelerated, Bypass bypass)
      throws InterruptedException {
    warmUp(plain);
    warmUp(accelerated);
    long errors = 0;
    System.out.println(ComparisonTable.heading());
    for (Load load : loads) {
      long before = redirected(bypass);
      List<LoadResult> medians = Rounds.medians(List.of(plain, accelerated), load, rounds);
      long redirected = redirected(bypass) - before;
      System.out.println(
          ComparisonTable.row(load, medians.getFirst(), medians.getLast(), redirected));
      errors += medians.getFirst().errors() + medians.getLast().errors();
    }
    System.out.println(bypass.counters());
    requireMeaning(errors, redirected(bypass));
  }

  /** Figures of requests that failed, or that nothing was done for, compare nothing. */
  static void requireMeaning(long failedRequests, long redirectedMessages) {
    if (failedRequests > 0) {
      throw new RigException(failedRequests + " requests failed");
    }
    if (redirectedMessages == 0) {
      throw new RigException("no message was redirected");
    }
  }

  private static long redirected(Bypass bypass) {
    return bypass.counters().get(Counter.REDIRECTED);
  }

  private static void warmUp(MeshRig rig) throws InterruptedException {
    rig.load(Load.keepAlive(1, 1, 64));
  }

  private List<Load> loads() {
    if (rounds < 1) {
      throw new ParameterException(spec.commandLine(), "--rounds is at least 1");
    }
    List<Load> loads = new ArrayList<>();
    for (ByteSize body : bodies) {
      for (int count : connectionsFor(body)) {
        loads.add(load(count, body));
      }
    }
    return loads;
  }

  private List<Integer> connectionsFor(ByteSize body) {
    if (!connections.isEmpty()) {
      return connections;
    }
    return body.equals(bodies.getFirst()) ? List.of(1, 10, 100) : List.of(10);
  }

  private Load load(int count, ByteSize body) {
    try {
      return Load.of(count, seconds, Math.toIntExact(body.bytes()), close);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
