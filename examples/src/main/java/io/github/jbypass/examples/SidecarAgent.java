// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.examples.pods.PortRange;
import io.github.jbypass.examples.telling.HealthWatch;
import io.github.jbypass.examples.telling.Log;
import io.github.jbypass.examples.telling.TellingServer;
import io.github.jbypass.maps.Cidr;
import io.github.jbypass.maps.Counters;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.BypassBuilder;
import io.github.jbypass.programs.ByteSize;
import io.github.jbypass.programs.EnrolmentPolicy;
import io.github.jbypass.programs.FionreadSupport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Accelerates the connections of a cgroup until it is told to end. */
@Command(
    name = "agent",
    description = {
      "Accelerates the local TCP connections of a cgroup until SIGTERM or SIGINT.",
      "Prints READY once attached, then a line of counters every few seconds; its log goes to",
      "standard error.",
      "With --intercept, mesh pods need no iptables rules."
    })
final class SidecarAgent implements Callable<Integer> {
  private static final int LOOKS_PER_SECOND = 2;

  @Spec private @Nullable CommandSpec spec; // picocli sets it

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  private boolean help;

  @Option(
      names = "--cgroup",
      required = true,
      paramLabel = "PATH",
      description = "Directory of the cgroup (v2) whose processes are accelerated.")
  private Path cgroup = Path.of("");

  @Option(
      names = "--queue-limit",
      paramLabel = "BYTES",
      description = {
        "Unread bytes past which a receiver is served over TCP; KiB and MiB are understood.",
        "Unless given, 1536KiB, or as much as the receive buffer that TCP gives a fast reader."
      })
  private @Nullable ByteSize queueLimit;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      description = "Connections accelerated at once; more go over TCP.")
  private @Nullable Integer maxConnections;

  @Option(
      names = "--enrol-short-connections",
      description = "Enrols also where every connection carries only a request or two.")
  private boolean enrolShortConnections;

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "Between two lines of counters (${DEFAULT-VALUE}).")
  private int interval;

  @Option(
      names = "--include-ports",
      split = ",",
      paramLabel = "PORTS",
      description = "Only connections to these ports: 80,443,9000-9100.")
  private List<PortRange> includedPorts = List.of();

  @Option(
      names = "--exclude-ports",
      split = ",",
      paramLabel = "PORTS",
      description = "No connections to these ports.")
  private List<PortRange> excludedPorts = List.of();

  @Option(
      names = "--include-cidrs",
      split = ",",
      paramLabel = "CIDRS",
      description = "Only connections from or to these networks: 10.0.0.0/8,fd00::/8.")
  private List<Cidr> includedNetworks = List.of();

  @Option(
      names = "--exclude-cidrs",
      split = ",",
      paramLabel = "CIDRS",
      description = "No connections from or to these networks.")
  private List<Cidr> excludedNetworks = List.of();

  @Option(
      names = "--pin",
      paramLabel = "DIR",
      description = {
        "Keeps the data path in a directory of a bpf file system: it goes on when the agent ends,"
            + " and the next agent takes it over in place.",
        "'bypass uninstall DIR' removes it."
      })
  private @Nullable Path pins;

  @Option(
      names = "--force",
      description =
          "Goes on where a check at load fails, with a warning: bytes may be lost or reordered.")
  private boolean force;

  @Mixin private InterceptOptions interception = new InterceptOptions();
  @Mixin private TellingOptions telling = new TellingOptions();

  @Override
  public Integer call() throws Exception {
    BypassBuilder builder = configured();
    Log.tellTransitions(telling.format());
    Optional<TellingServer> server = telling.bind();
    try (AutoCloseable _ = () -> server.ifPresent(TellingServer::close);
        Bypass bypass = loaded(builder)) {
      Runnable lookForChanges = interception.follow(bypass);
      bypass.attach();
      if (!bypass.isEnabled()) {
        Log.warning(
            "switched_off",
            Map.of(
                "message",
                "redirecting is off, as it was before: 'bypass enable %s' switches it on"
                    .formatted(pins)));
      }
      if (bypass.fionread() == FionreadSupport.INEXACT) {
        Log.warning(
            "fionread_inexact",
            Map.of(
                "message",
                "on this kernel, FIONREAD tells accelerated sockets too little; --exclude-ports of"
                    + " applications that rely on it"));
      }
      server.ifPresent(it -> tell(it, bypass));
      System.out.println("READY");
      HealthWatch watch = new HealthWatch(bypass);
      while (!isRequestedToEndWhile(lookForChanges)) {
        System.out.println(line(bypass.counters()));
        bypass.retirePredecessors();
        watch.look();
      }
      Log.info("ending", Map.of("reason", "signal"));
    }
    if (pins != null) {
      Log.info(
          "left_pinned",
          Map.of("pins", pins, "message", "the data path goes on: adopt or uninstall it"));
    }
    return 0;
  }

  private Bypass loaded(BypassBuilder builder) {
    return pins == null ? builder.load() : builder.adoptOrLoad(pins);
  }

  private static void tell(TellingServer server, Bypass bypass) {
    server.tell(bypass);
    System.out.println("LISTENING " + server.url());
    Log.info("listening", Map.of("url", server.url()));
  }

  /** Between two lines of counters; true as soon as a signal asks the program to end. */
  private boolean isRequestedToEndWhile(Runnable looking) {
    for (int look = 0; look < interval * LOOKS_PER_SECOND; look++) {
      if (Termination.isRequestedWithin(Duration.ofSeconds(1).dividedBy(LOOKS_PER_SECOND))) {
        return true;
      }
      looking.run();
    }
    return false;
  }

  /** Before the first connection, all counters are zero, and would be an empty line. */
  private static String line(Counters counters) {
    String line = counters.toString();
    return line.isEmpty() ? "redirected=0" : line;
  }

  private BypassBuilder configured() {
    BypassBuilder builder = Bypass.builder();
    try {
      if (interval < 1) {
        throw new IllegalArgumentException("--interval is at least 1");
      }
      if (queueLimit != null) {
        builder.queueLimit(queueLimit);
      }
      if (maxConnections != null) {
        builder.maxConnections(maxConnections);
      }
      if (enrolShortConnections) {
        builder.enrolShortConnections();
      }
      if (force) {
        builder.force();
      }
      builder.policy(policy());
      interception.configure(builder);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return builder.cgroup(Cgroup.at(cgroup));
  }

  private EnrolmentPolicy policy() {
    return EnrolmentPolicy.builder()
        .includePorts(PortRange.ports(includedPorts))
        .excludePorts(PortRange.ports(excludedPorts))
        .includeNetworks(includedNetworks.toArray(Cidr[]::new))
        .excludeNetworks(excludedNetworks.toArray(Cidr[]::new))
        .build();
  }
}
