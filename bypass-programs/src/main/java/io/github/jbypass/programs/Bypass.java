// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.AlreadyExistsException;
import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.DirectoryInUseException;
import io.github.jbypass.core.PinException;
import io.github.jbypass.core.ProgramStatistics;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Counters;
import io.github.jbypass.maps.EventLosses;
import io.github.jbypass.maps.Events;
import io.github.jbypass.maps.Flows;
import io.github.jbypass.maps.OriginalDestinationMap;
import io.github.jbypass.maps.PodMap;
import io.github.jbypass.maps.ProxyMap;
import io.github.jbypass.maps.Services;
import io.github.jbypass.maps.SockHash;
import io.github.jbypass.programs.Health.Problem;
import io.github.jbypass.programs.Transition.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hands messages between TCP sockets of this host straight to the receiver's queue, past the
 * network stack: for connections whose both ends are in the given control groups, in any network
 * namespaces, over IPv4 or IPv6, also through address translation.
 *
 * {@snippet :
 * try (var bypass = Bypass.builder().cgroup(Cgroup.at(path)).load().attach()) {
 *   System.out.println(bypass.counters());
 * }
 * }
 *
 * <p>A message is redirected only if that provably keeps the order of bytes and the receiver has
 * room; everything else goes over TCP, counted by reason in {@link #counters}. Connections that
 * were established before {@link #attach} stay on TCP.
 *
 * <p>{@link #close} detaches, unless the data path is {@linkplain #pinTo pinned}. Connections that
 * are enrolled then go on redirecting until they end: nothing is lost, whether the process closes,
 * exits or is killed.
 *
 * <p>Thread-safe. Needs Linux 5.15 with BTF, cgroup v2, and CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON.
 */
public final class Bypass implements AutoCloseable {
  static final String TRACKER = "track_connections";

  /** Either tells the flows; the first one that the kernel takes does. */
  static final List<String> ITERATORS = List.of(Flows.OVER_SOCKETS, Flows.OVER_FILES);

  static final int EOPNOTSUPP = 95;

  private final BpfObject object;
  private final LifeCycle lifeCycle;
  private final BpfProgram redirector;
  private final BpfProgram tracker;
  private final FionreadSupport fionread;
  private final Counters counters;
  private final ProxyMap proxies;
  private final SockHash sockets;
  private final Optional<Flows> flows;
  private final Services services;
  private final @Nullable Interception interception;
  private final List<Cgroup> cgroups;
  private final HealthCheck healthCheck = new HealthCheck();
  private final int id;
  private @Nullable Events events; // the latest

  /** Takes ownership of everything. */
  Bypass(
      Loaded loaded,
      Collection<Cgroup> cgroups,
      FionreadSupport fionread,
      @Nullable Interception interception,
      LifeCycle lifeCycle) {
    this.object = loaded.object();
    this.cgroups = List.copyOf(cgroups);
    this.redirector = loaded.redirector();
    this.fionread = fionread;
    this.interception = interception;
    this.lifeCycle = lifeCycle;
    tracker = object.program(TRACKER);
    counters = new Counters(object);
    proxies = new ProxyMap(object);
    sockets = new SockHash(object);
    flows = loaded.iterator() == null ? Optional.empty() : Optional.of(new Flows(object));
    services = new Services(object);
    id = tracker.info().btfId();
  }

  static List<String> paths(Collection<Cgroup> cgroups) {
    return cgroups.stream().map(cgroup -> cgroup.path().toString()).toList();
  }

  private Transition transition(Kind kind) {
    return Transition.begin(kind).with("bypass", id);
  }

  /** {@return the number by which {@link RunningBypass} and bpftool's list of BTF know it} */
  public int id() {
    return id;
  }

  /**
   * Describes what to load.
   *
   * @return a builder
   */
  public static BypassBuilder builder() {
    return new BypassBuilder();
  }

  /**
   * Attaches to the control groups: from now on, their new connections are enrolled. Programs that
   * were {@linkplain BypassBuilder#adopt adopted} are replaced, each in one step.
   *
   * @return this
   * @throws BpfException if the kernel refuses; then everything is as it was before
   * @throws IllegalStateException if it is attached or closed
   */
  public Bypass attach() {
    var transition =
        transition(lifeCycle.isPinned() ? Kind.ADOPT : Kind.ATTACH).with("cgroups", paths(cgroups));
    transition.run(
        () -> {
          cgroups.forEach(healthCheck::expect);
          lifeCycle.attach();
          var links = lifeCycle.links();
          links.forEach(healthCheck::expect);
          transition.with("links", links.size()).with("predecessors", lifeCycle.predecessors());
        });
    return this;
  }

  /**
   * Has the data path outlive {@link #close} and this process, however it ends: it is kept in a
   * directory, until {@link #unload} or {@link #uninstall}. {@link BypassBuilder#adopt} takes it
   * over. What is not attached yet is pinned when it is.
   *
   * <p>No one else can work with the directory until this is closed.
   *
   * @param directory in a bpf file system; made, for its owner only, if it does not exist, but not
   *     the one that holds it
   * @return this
   * @throws AlreadyExistsException if a data path is pinned there that could be adopted
   * @throws DirectoryInUseException if another process, or this one already, works with it
   * @throws PinException if it can't be used; nothing is pinned then
   * @throws IllegalStateException if it is pinned or closed
   */
  public Bypass pinTo(Path directory) {
    transition(Kind.PIN).with("directory", directory).run(() -> lifeCycle.pinTo(directory));
    return this;
  }

  /**
   * {@return whether all that was attached is still in its place} Asks the kernel once for each
   * attachment. Never throws, also not after {@link #close}.
   */
  public Health health() {
    try {
      if (lifeCycle.isClosed()) {
        return new Health(false, List.of(problem(Health.Kind.CLOSED, "nothing is looked after")));
      }
      var problems = new ArrayList<Problem>();
      if (!lifeCycle.isAttached()) {
        problems.add(problem(Health.Kind.NOT_ATTACHED, "attach() comes first"));
      } else {
        problems.addAll(healthCheck.problems());
        if (interception != null) {
          problems.addAll(interception.problems());
        }
      }
      return new Health(isEnabled(), problems);
    } catch (IllegalStateException e) {
      if (lifeCycle.isClosed()) {
        return health(); // meanwhile
      }
      throw e;
    }
  }

  private Problem problem(Health.Kind kind, String explanation) {
    return new Problem(kind, "bypass " + id, explanation);
  }

  /** {@return where it is pinned, or will be when it is attached} */
  public Optional<Path> pinnedAt() {
    return lifeCycle.pinnedAt();
  }

  /** {@return what was redirected, and what was not and why} */
  public Counters counters() {
    return counters;
  }

  /** {@return who is paired with whom} */
  public ProxyMap proxies() {
    return proxies;
  }

  /** {@return the enrolled sockets} */
  public SockHash sockets() {
    return sockets;
  }

  /**
   * {@return the mesh pods whose connections are led to their sidecars; none at first}
   *
   * @throws IllegalStateException if {@link BypassBuilder#intercept} was not called
   */
  public PodMap pods() {
    return interception().pods();
  }

  /**
   * {@return where the connections that sidecars have accepted were meant to go}
   *
   * @throws IllegalStateException if {@link BypassBuilder#intercept} was not called
   */
  public OriginalDestinationMap originalDestinations() {
    return interception().destinations();
  }

  private Interception interception() {
    if (interception == null) {
      throw new IllegalStateException("nothing is intercepted: call intercept() before load()");
    }
    return interception;
  }

  /**
   * {@return the enrolled sockets with what each has sent, and how} Reading them takes the kernel
   * some hundred nanoseconds for each, and nothing from the traffic.
   *
   * @throws BpfException if the kernel does not take the program that tells them
   */
  public Flows flows() {
    return flows.orElseThrow(Bypass::flowsAreNotTold);
  }

  static BpfException flowsAreNotTold() {
    return new BpfException(
        "read",
        "flows",
        EOPNOTSUPP,
        "the kernel rejected the iterators over socket maps and files");
  }

  /**
   * {@return what was learned of services to which connections are short} Reading it costs no
   * system call.
   */
  public Services services() {
    return services;
  }

  /**
   * Listens to what happens to connections, until the result is closed. Unless somebody listens,
   * events cost next to nothing; and then, some hundred nanoseconds for each that is told, up to a
   * limit.
   *
   * @return at this moment nothing; to be polled and closed
   * @throws BpfException if somebody listens already, here or in another process
   */
  public synchronized Events events() {
    var listening = Events.listen(object);
    events = listening;
    return listening;
  }

  /** {@return what listeners to {@link #events} did not hear} Reading it costs no system call. */
  public EventLosses lostEvents() {
    return EventLosses.of(object);
  }

  /** {@return whether {@link BypassBuilder#intercept} was called} */
  public boolean intercepts() {
    return interception != null;
  }

  /** {@return what FIONREAD tells applications on this kernel} */
  public FionreadSupport fionread() {
    return fionread;
  }

  /**
   * Switches redirecting on, as it is after loading, and goes on enrolling if it was {@linkplain
   * #drain drained}. Connections return to being redirected one by one, each when the bytes that
   * went over TCP are read, or in the queue that messages are redirected to.
   */
  public void enable() {
    switchOver(lifeCycle::enable, true);
  }

  /**
   * Switches redirecting off: every message that is sent from now on goes over TCP. Nothing is lost
   * or reordered. Connections are still enrolled and paired. Of a pinned data path it stays off
   * until somebody switches it on.
   */
  public void disable() {
    switchOver(lifeCycle::disable, false);
  }

  /** What is so already is not worth a word. */
  private void switchOver(Runnable change, boolean on) {
    if (isEnabled() == on) {
      change.run();
    } else {
      transition(on ? Kind.ENABLE : Kind.DISABLE).run(change);
    }
  }

  /** {@return whether redirecting is switched on} */
  public boolean isEnabled() {
    return lifeCycle.isEnabled();
  }

  /**
   * Switches redirecting off, enrols no more connections, and waits until applications have read
   * what was redirected to them. {@link #enable} resumes.
   *
   * @param timeout how long to wait at most; an interrupt ends it too
   * @return what is left unread
   * @throws BpfException if the kernel does not take the program that tells flows; or if there are
   *     predecessors that are of another version, or can't be looked at without CAP_SYS_ADMIN:
   *     nothing is switched off then
   * @throws IllegalStateException if it is closed, also while it waits
   */
  public DrainReport drain(Duration timeout) {
    var transition =
        transition(Kind.DRAIN).with("timeout_ms", TimeUnit.MILLISECONDS.convert(timeout));
    return transition.make(
        () -> {
          var own = flows();
          try (var predecessors = lifeCycle.flowsOfPredecessors()) {
            var told = new ArrayList<>(predecessors.all());
            told.add(own);
            lifeCycle.stopEnrolling();
            var report = Drain.await(told, timeout);
            transition.with("left", report.left().size()).with("bytes", report.bytes());
            return report;
          }
        });
  }

  /**
   * Removes pinned data paths of another layout that {@link #attach} had to leave beside this one,
   * if they have no connections any more. To be called now and then while there are any; {@link
   * #attach} and {@link #close} do it too.
   *
   * @return how many there are still
   */
  public int retirePredecessors() {
    return lifeCycle.retirePredecessors();
  }

  /**
   * {@return what deciding over messages has cost; counts while {@code KernelStatistics} are
   * enabled}
   */
  public ProgramStatistics messageStatistics() {
    return redirector.statistics();
  }

  /**
   * {@return what noticing connections has cost; counts while {@code KernelStatistics} are enabled}
   */
  public ProgramStatistics connectionStatistics() {
    return tracker.statistics();
  }

  /**
   * {@return what each program has cost, by its name in C; counts while {@code KernelStatistics}
   * are enabled}
   */
  public Map<String, ProgramStatistics> programStatistics() {
    var statistics = new LinkedHashMap<String, ProgramStatistics>();
    object.programs().forEach(program -> statistics.put(program.name(), program.statistics()));
    return statistics;
  }

  /** The loaded object, for tests. */
  BpfObject object() {
    return object;
  }

  /**
   * Ends this process's part. What is pinned stays in effect; otherwise it is as {@link #unload}.
   * Idempotent.
   */
  @Override
  public synchronized void close() {
    end(Kind.CLOSE, lifeCycle::close);
  }

  /**
   * Detaches everything, removes its pins, and closes this. Connections that are being led to
   * sidecars at this moment reach them, which may take a second; established ones lose nothing.
   * Idempotent; without effect after {@link #close}.
   */
  public synchronized void unload() {
    end(Kind.UNLOAD, lifeCycle::unload);
  }

  private void end(Kind kind, Runnable change) {
    if (lifeCycle.isClosed()) {
      return;
    }
    if (events != null) {
      events.close();
    }
    var transition =
        transition(kind)
            .with("redirected", counters.get(Counter.REDIRECTED))
            .with("connections_paired", counters.get(Counter.CONNECTIONS_PAIRED));
    if (kind == Kind.CLOSE) {
      transition.with("stays", lifeCycle.isPinned());
    }
    transition.run(change);
  }

  /**
   * Removes everything that this library, in whatever version, has pinned in a directory, and
   * detaches it, whoever else holds it; then the directory, if it is empty. Connections are treated
   * as by {@link #unload}. Where nothing is, nothing is done.
   *
   * @param directory where {@link #pinTo} has pinned
   * @return what was removed, what is not ours and stays, and what connections from outside still
   *     need
   * @throws DirectoryInUseException if an agent works with it: end that one first
   * @throws PinException if it is not in a bpf file system, not this user's, or open to others
   */
  public static UninstallReport uninstall(Path directory) {
    var transition = Transition.begin(Kind.UNINSTALL).with("directory", directory);
    return transition.make(
        () -> {
          var report = PinRoot.uninstall(directory);
          transition.with("removed", report.removed().size()).with("left", report.left().size());
          return report;
        });
  }
}
