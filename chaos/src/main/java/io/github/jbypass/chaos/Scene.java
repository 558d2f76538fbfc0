// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import io.github.jbypass.chaos.ends.End;
import io.github.jbypass.chaos.ends.Record;
import io.github.jbypass.chaos.ends.Relay;
import io.github.jbypass.chaos.ends.Route;
import io.github.jbypass.core.NetworkNamespace;
import io.github.jbypass.core.TcDirection;
import io.github.jbypass.core.TcFilter;
import io.github.jbypass.examples.rig.Command;
import io.github.jbypass.examples.rig.Namespace;
import io.github.jbypass.examples.rig.Orphans;
import io.github.jbypass.examples.rig.RigCgroup;
import io.github.jbypass.examples.rig.RigFiles;
import io.github.jbypass.examples.rig.RigName;
import io.github.jbypass.examples.rig.UndoStack;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.PinnedBypass;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A pod and another place, in two network namespaces that are wired to each other: an end of the
 * traffic in each, a sidecar in the pod, and the agent beside them. All but the agent are in one
 * cgroup.
 */
final class Scene implements AutoCloseable {
  private static final String POD = "10.44.1.2";
  private static final String POD6 = "fd44:1::2";
  private static final String ELSEWHERE = "10.44.1.1";
  private static final String ELSEWHERE6 = "fd44:1::1";
  private static final int SERVER = 9000;
  private static final int PLAIN_SERVER = 9001; // connections to it are never led
  private static final int POD_SERVER = 9002;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final UndoStack undo = new UndoStack();
  private final RigFiles files;
  private final BpfMount bpf;
  private final RigCgroup cgroup;
  private final Namespace pod;
  private final Namespace elsewhere;
  private final Optional<MemoryLimit> memory;
  private final Ledger ledger = new Ledger();
  private final KernelObjects objects = new KernelObjects();
  private final Map<String, Integer> notForwarded = new ConcurrentHashMap<>();
  private final Cast cast;
  private Worker podEnd;
  private Worker elsewhereEnd;
  private @Nullable Worker sidecar;
  private @Nullable AgentProcess agent;
  private boolean agentPins;
  private boolean finished;
  private int generation;
  private long redirected;
  private long refusedFull;

  /**
   * Makes it, without any traffic yet.
   *
   * @param cast its programs
   */
  Scene(long seed, Cast cast) throws InterruptedException {
    this.cast = cast;
    BpfMount.removeOrphans();
    Orphans.remove();
    try {
      files = undo.push(new RigFiles("chaos"));
      bpf = undo.push(new BpfMount(files));
      pod = undo.push(Namespace.create(RigName.of("chaos-pod")));
      elsewhere = undo.push(Namespace.create(RigName.of("chaos-elsewhere")));
      wire();
      cgroup = undo.push(new RigCgroup("chaos"));
      memory = MemoryLimit.of(cgroup.cgroup());
      memory.ifPresent(undo::push);
      podEnd = end("the pod's end", pod, seed, 1);
      elsewhereEnd = end("the other end", elsewhere, ~seed, 1L << 40);
      podEnd.tell("listen " + POD_SERVER);
      elsewhereEnd.tell("listen " + SERVER);
      elsewhereEnd.tell("listen " + PLAIN_SERVER);
      startSidecar();
    } catch (RuntimeException | InterruptedException e) {
      close();
      throw e;
    }
  }

  private void wire() {
    pod.connect(POD, elsewhere, "to-pod", ELSEWHERE);
    ip(elsewhere, "link set lo up");
    ip(elsewhere, "address add " + ELSEWHERE6 + "/64 dev to-pod nodad");
    ip(pod, "address add " + POD6 + "/64 dev eth0 nodad");
    ip(pod, "address add ::6/128 dev lo nodad");
  }

  private static void ip(Namespace namespace, String command) {
    Command.run(namespace.inside(("ip " + command).split(" ")));
  }

  private Worker end(String name, Namespace place, long seed, long firstNumber)
      throws InterruptedException {
    return worker(
        name, place, List.of(), End.class, Long.toString(seed), Long.toString(firstNumber));
  }

  private Worker worker(
      String name, Namespace place, List<String> wrapper, Class<?> program, String... arguments)
      throws InterruptedException {
    var worker =
        undo.push(
            Worker.start(name, cgroup.cgroup(), place, this::report, wrapper, program, arguments));
    memory.ifPresent(limit -> limit.add(worker.pid()));
    return worker;
  }

  private void report(String line) {
    if (line.startsWith(Record.WORD)) {
      ledger.add(Record.parse(line));
    } else if (line.startsWith(Relay.FAILED)) {
      notForwarded.merge(line.substring(Relay.FAILED.length()), 1, Integer::sum);
    } else {
      ledger.fail(line);
    }
  }

  /** How many connections the sidecar could not forward, by reason. */
  Map<String, Integer> notForwarded() {
    return Map.copyOf(notForwarded);
  }

  Ledger ledger() {
    return ledger;
  }

  /** Opens connections on all routes, by both families. */
  void openConnections(int count) throws InterruptedException {
    open(podEnd, Route.DIRECT, count * 3 / 10, ELSEWHERE, ELSEWHERE6, PLAIN_SERVER);
    open(podEnd, Route.PROXIED, count * 2 / 10, "127.0.0.1", "::1", Relay.PROXY);
    open(podEnd, Route.LED_OUT, count * 3 / 10, ELSEWHERE, ELSEWHERE6, SERVER);
    open(elsewhereEnd, Route.LED_IN, count * 2 / 10, POD, POD6, POD_SERVER);
  }

  private static void open(
      Worker end, Route route, int count, String address, String address6, int port)
      throws InterruptedException {
    end.tell("open %s %d %s %d".formatted(route, count - count / 2, address, port));
    end.tell("open %s %d %s %d".formatted(route, count / 2, address6, port));
  }

  /** The agent, if it runs. */
  Optional<AgentProcess> agent() {
    return Optional.ofNullable(agent);
  }

  /**
   * Starts an agent, which takes over what another one has pinned, or else loads and pins anew.
   *
   * @param options how; without pins, what is pinned is uninstalled first
   */
  void startAgent(AgentOptions options) throws InterruptedException {
    if (!options.pins()) {
      uninstall();
    }
    writePods(options.pods());
    var arguments = new ArrayList<>(List.of("--cgroup", cgroup.cgroup().path().toString()));
    arguments.addAll(List.of("--interval", "1", "--intercept", "istio"));
    arguments.addAll(List.of("--pods", files.directory().resolve("pods.yaml").toString()));
    arguments.addAll(List.of("--max-connections", Integer.toString(options.maxConnections())));
    if (options.pins()) {
      arguments.addAll(List.of("--pin", bpf.pins().toString()));
    }
    arguments.addAll(options.more());
    agentPins = options.pins();
    agent = AgentProcess.start(cast.agent(), arguments);
    objects.add(agent.pid());
  }

  /** Has the agent intercept other connections; it looks twice a second. */
  void writePods(PodChoice choice) {
    files.write("pods.yaml", choice.yaml(POD, POD6, pod.path(), PLAIN_SERVER, SERVER, POD_SERVER));
  }

  /** Has the agent end in good order, if it runs. What it has pinned goes on. */
  void stopAgent() throws InterruptedException {
    if (agent != null) {
      announceLeaving();
      agent.stop();
      forgetAgent(agent);
    }
  }

  /** Sends the agent SIGKILL, if it runs. What it has pinned goes on. */
  void killAgent() throws InterruptedException {
    if (agent != null) {
      announceLeaving();
      agent.kill();
      forgetAgent(agent);
    }
  }

  /** A data path that ends with its agent can't tell sidecars any more what they ask late. */
  private void announceLeaving() throws InterruptedException {
    if (!agentPins) {
      tellEnds("agent leaves");
    }
  }

  /** Removes the data path, and the agent before it. */
  void uninstall() throws InterruptedException {
    stopAgent();
    if (isPinned()) {
      tellEnds("agent leaves");
      Bypass.uninstall(bpf.pins());
      tellEnds("agent left");
    }
  }

  boolean isPinned() {
    return Files.exists(bpf.pins());
  }

  /** The pinned data path, whether an agent runs or not; there is one afterwards. */
  PinnedBypass pinned() throws InterruptedException {
    if (!isPinned()) {
      stopAgent();
      startAgent(AgentOptions.usual());
    }
    return PinnedBypass.at(bpf.pins());
  }

  private void tellEnds(String command) throws InterruptedException {
    for (var end : List.of(podEnd, elsewhereEnd)) {
      if (!finished) {
        end.tell(command);
      }
    }
  }

  private void forgetAgent(AgentProcess gone) throws InterruptedException {
    if (!agentPins) {
      tellEnds("agent left");
    }
    redirected += gone.counter("redirected");
    refusedFull += gone.counter("refused_full");
    agent = null;
  }

  /** How many messages were redirected, as the agents told. */
  long redirected() {
    return redirected + agent().map(running -> running.counter("redirected")).orElse(0L);
  }

  /** How many ends of connections were left to TCP because a map was full. */
  long refusedFull() {
    return refusedFull + agent().map(running -> running.counter("refused_full")).orElse(0L);
  }

  private void startSidecar() throws InterruptedException {
    generation++;
    sidecar =
        worker(
            "the sidecar",
            pod,
            List.of("setpriv", "--regid=1337", "--clear-groups"),
            cast.sidecar(),
            ELSEWHERE,
            Integer.toString(PLAIN_SERVER));
    tellEnds("sidecar " + generation);
  }

  /** Ends the sidecar, and with it the connections through it, and starts another. */
  void restartSidecar() throws InterruptedException {
    tellEnds("breaks " + generation);
    if (sidecar != null) {
      sidecar.close();
    }
    startSidecar();
  }

  /** Has readers stop for a time, at both ends, and everybody say a lot meanwhile. */
  void stall(double share, Duration time) throws InterruptedException {
    tellEnds("stall %s %d".formatted(share, time.toMillis()));
    tellEnds("burst " + share);
  }

  Optional<MemoryLimit> memory() {
    return memory;
  }

  /** Fails if something is wrong already. */
  void check() {
    agent()
        .filter(running -> !running.isAlive())
        .ifPresent(dead -> ledger.fail("the agent has ended by itself: " + dead.complaint()));
    if (!ledger.failures().isEmpty()) {
      throw new ChaosException(String.join("\n", ledger.failures().stream().limit(20).toList()));
    }
  }

  /** Lets every connection come to its end. */
  void finish() throws InterruptedException {
    List<Worker> ends = new ArrayList<>(List.of(podEnd, elsewhereEnd));
    for (var end : ends) {
      end.tell("finish");
    }
    long limit = System.nanoTime() + PATIENCE.toNanos();
    while (!ends.isEmpty()) {
      ends.removeIf(end -> end.hasAnswered(End.DONE));
      if (System.nanoTime() > limit) {
        for (var end : ends) {
          end.tell("list");
        }
        break; // what they list are failures
      }
      Thread.sleep(50);
    }
    finished = true;
    ledger.close();
    check();
  }

  /** What is left in the maps of connections, and on interfaces, after all have ended. */
  void checkEntries() throws InterruptedException {
    long attendant = agent().orElseThrow().pid();
    awaitNothing("entries", () -> objects.entries(attendant));
  }

  /** What is left of the agents after the last one has gone. */
  void checkLeftovers() throws InterruptedException {
    awaitNothing("objects", objects::left);
    awaitNothing("filters", this::filters);
    awaitNothing("pins", bpf::files);
  }

  private List<String> filters() {
    var device = NetworkNamespace.at(pod.path()).device("eth0");
    return Stream.of(TcDirection.values())
        .flatMap(direction -> TcFilter.list(device, direction).stream())
        .map(TcFilter::toString)
        .toList();
  }

  private static void awaitNothing(String what, Supplier<?> left) throws InterruptedException {
    long limit = System.nanoTime() + PATIENCE.toNanos() / 4;
    while (true) {
      var found = left.get();
      boolean none =
          switch (found) {
            case Map<?, ?> map -> map.isEmpty();
            case List<?> list -> list.isEmpty();
            default -> throw new AssertionError(found);
          };
      if (none) {
        return;
      }
      if (System.nanoTime() > limit) {
        throw new ChaosException("left " + what + ": " + found);
      }
      Thread.sleep(100);
    }
  }

  @Override
  public void close() {
    memory.ifPresent(MemoryLimit::release);
    if (agent != null) {
      try {
        agent.kill();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    undo.close();
  }
}
