// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.examples.telling.Json;
import io.github.jbypass.maps.Events;
import io.github.jbypass.programs.RunningBypass;
import java.io.Console;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows what the agents that run on this host redirect, without taking part in it. */
@Command(
    name = "flows",
    description = {
      "Shows the connections that running agents redirect: who is paired with whom, what each end"
          + " has sent, and why some of it went over TCP.",
      "Every second on a terminal until SIGINT, once elsewhere. Needs root (CAP_SYS_ADMIN)."
    })
final class LiveFlows implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final int ROWS_ON_A_TERMINAL = 40;
  private static final Duration A_MOMENT = Duration.ofMillis(200);
  private static final String CLEAR = "\033[H\033[2J";

  @Spec private @Nullable CommandSpec spec; // picocli sets it

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  private boolean help;

  @Option(
      names = "--agent",
      paramLabel = "ID",
      description = "Only this one, by the number that its heading shows.")
  private @Nullable Integer agent;

  @Option(
      names = "--sort",
      paramLabel = "ORDER",
      defaultValue = "BYTES",
      description =
          "bytes or messages redirected, tcp bytes, or queue: bytes that wait to be read.")
  private FlowOrder order = FlowOrder.BYTES;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Rows to show; " + ROWS_ON_A_TERMINAL + " on a terminal, all elsewhere.")
  private @Nullable Integer limit;

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      description = "Between two looks (1). Looks again and again also where there is no terminal.")
  private @Nullable Integer interval;

  @Option(names = "--once", description = "Looks once, also on a terminal.")
  private boolean once;

  @Option(names = "--json", description = "A JSON document in a line of its own for each look.")
  private boolean json;

  @ArgGroup private Subject subject = new Subject();

  /** What is shown instead of flows. */
  static final class Subject {
    @Option(
        names = "--services",
        description = "What was learned of services: whether their connections are too short.")
    private boolean services;

    @Option(
        names = "--events",
        description =
            "What happens, as it happens, until SIGINT. One at a time can listen to an agent.")
    private boolean events;
  }

  @Override
  public Integer call() {
    requirePositive("--interval", interval);
    requirePositive("--limit", limit);
    return subject.events ? listen() : look();
  }

  private void requirePositive(String option, @Nullable Integer value) {
    if (value != null && value < 1) {
      throw new ParameterException(spec.commandLine(), option + " is at least 1");
    }
  }

  private int look() {
    boolean terminal = isTerminal();
    boolean repeat = !once && (terminal || interval != null);
    long rows = limit != null ? limit : terminal && !json ? ROWS_ON_A_TERMINAL : Long.MAX_VALUE;
    var pause = Duration.ofSeconds(interval == null ? 1 : interval);
    do {
      var agents = new ArrayList<Map<String, Object>>();
      var lines = new ArrayList<String>();
      try (var found = new Agents(agent)) {
        if (found.isEmpty()) {
          return complain(noAgent());
        }
        for (var running : found.all()) {
          if (json) {
            agents.add(json(running, rows));
          } else {
            lines.addAll(text(running, rows));
          }
        }
      }
      print(terminal, agents, lines);
    } while (repeat && hasReader() && !Termination.isRequestedWithin(pause));
    return 0;
  }

  private void print(boolean terminal, List<Map<String, Object>> agents, List<String> lines) {
    if (json) {
      var document = new LinkedHashMap<String, Object>();
      document.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS));
      document.put("agents", agents);
      System.out.println(Json.write(document));
    } else {
      System.out.print((terminal && !once ? CLEAR : "") + String.join("\n", lines) + "\n");
      System.out.flush();
    }
  }

  /** An agent may be just ending, or be of another version: that shall not hide the others. */
  private Map<String, Object> json(RunningBypass running, long rows) {
    var document = new LinkedHashMap<String, Object>();
    document.put("agent", running.id());
    try {
      fill(document, running, rows);
    } catch (BpfException e) {
      document.put("error", e.getMessage());
    }
    return document;
  }

  private void fill(Map<String, Object> document, RunningBypass running, long rows) {
    if (subject.services) {
      document.put("services", running.services().snapshot().stream().map(FlowView::json).toList());
    } else {
      var flows = running.flows().snapshot();
      document.put("total", flows.size());
      document.put(
          "flows",
          flows.stream().sorted(order.comparator()).limit(rows).map(FlowView::json).toList());
    }
  }

  private List<String> text(RunningBypass running, long rows) {
    var lines = new ArrayList<String>();
    try {
      fill(lines, running, rows);
    } catch (BpfException e) {
      lines.add("agent %d: %s".formatted(running.id(), e.getMessage()));
    }
    return lines;
  }

  private void fill(List<String> lines, RunningBypass running, long rows) {
    if (subject.services) {
      var services = running.services().snapshot();
      lines.add("agent %d: %d services".formatted(running.id(), services.size()));
      lines.addAll(FlowView.serviceTable(services));
    } else {
      var flows = running.flows().snapshot();
      var shown = flows.stream().sorted(order.comparator()).limit(rows).toList();
      lines.add("agent %d: %d flows".formatted(running.id(), flows.size()));
      lines.addAll(FlowView.flowTable(shown));
      if (shown.size() < flows.size()) {
        lines.add("(%d more)".formatted(flows.size() - shown.size()));
      }
    }
  }

  private int listen() {
    try (var found = new Agents(agent)) {
      if (found.isEmpty()) {
        return complain(noAgent());
      }
      if (found.all().size() > 1) {
        return complain("several agents run: name one with --agent " + found.ids());
      }
      var running = found.all().getFirst();
      try (var events = running.events()) {
        while (hasReader() && !Termination.isRequested()) {
          if (poll(events) == 0 && !running.isAttached()) {
            return complain("the agent has ended");
          }
        }
        sayWhatIsMissing(events);
      }
    }
    return 0;
  }

  private int poll(Events events) {
    return events.poll(
        event ->
            System.out.println(json ? Json.write(EventView.json(event)) : EventView.line(event)),
        A_MOMENT);
  }

  private void sayWhatIsMissing(Events events) {
    if (events.suppressed() + events.dropped() > 0) {
      System.err.printf(
          "bypass flows: not shown since the agent began: %d above the limit, %d too fast to read%n",
          events.suppressed(), events.dropped());
    }
  }

  private String noAgent() {
    return agent == null
        ? "no agent runs on this host"
        : "no agent " + agent + " runs on this host; without --agent, all are shown";
  }

  private static int complain(String complaint) {
    System.err.println("bypass flows: " + complaint);
    return FAILED;
  }

  /** False once whoever read the output, such as head, has gone: System.out never throws. */
  private static boolean hasReader() {
    return !System.out.checkError();
  }

  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** The agents that run, or the one that is asked for. */
  private static final class Agents implements AutoCloseable {
    private final List<RunningBypass> all = new ArrayList<>();

    Agents(@Nullable Integer wanted) throws BpfException {
      for (var running : RunningBypass.find()) {
        if (wanted == null || running.id() == wanted) {
          all.add(running);
        } else {
          running.close();
        }
      }
    }

    boolean isEmpty() {
      return all.isEmpty();
    }

    List<RunningBypass> all() {
      return all;
    }

    String ids() {
      return String.join(" or ", all.stream().map(it -> Integer.toString(it.id())).toList());
    }

    @Override
    public void close() {
      all.forEach(RunningBypass::close);
    }
  }
}
