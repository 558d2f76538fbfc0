// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfLink;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.ProgramStatistics;
import io.github.jbypass.maps.Counters;
import io.github.jbypass.maps.Events;
import io.github.jbypass.maps.Flows;
import io.github.jbypass.maps.OriginalDestinationMap;
import io.github.jbypass.maps.PodMap;
import io.github.jbypass.maps.ProxyMap;
import io.github.jbypass.maps.Services;
import io.github.jbypass.maps.SockHash;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
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
 * <p>{@link #close} detaches. Connections that are enrolled then go on redirecting until they end:
 * nothing is lost, whether the process closes, exits or is killed.
 *
 * <p>Thread-safe. Needs Linux 5.15 with BTF, cgroup v2, and CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON.
 */
public final class Bypass implements AutoCloseable {
  static final String TRACKER = "track_connections";
  static final String ITERATOR = "dump_flows";

  static final int EOPNOTSUPP = 95;

  private static final VarHandle INT = JAVA_INT.varHandle();

  private final BpfObject object;
  private final List<Cgroup> cgroups;
  private final Deque<BpfLink> links = new ArrayDeque<>();
  private final BpfProgram redirector;
  private final BpfProgram tracker;
  private final FionreadSupport fionread;
  private final Counters counters;
  private final ProxyMap proxies;
  private final SockHash sockets;
  private final Optional<Flows> flows;
  private final Services services;
  private final MemorySegment enabled;
  private final @Nullable Interception interception;
  private @Nullable Events events; // the latest
  private boolean attached;
  private boolean closed;

  /** Takes ownership of the object and links. */
  Bypass(
      BpfObject object,
      Collection<Cgroup> cgroups,
      BpfProgram redirector,
      boolean tellsFlows,
      FionreadSupport fionread,
      Collection<BpfLink> links,
      @Nullable Interception interception) {
    this.object = object;
    this.cgroups = List.copyOf(cgroups);
    this.redirector = redirector;
    this.fionread = fionread;
    this.links.addAll(links);
    this.interception = interception;
    tracker = object.program(TRACKER);
    counters = new Counters(object);
    proxies = new ProxyMap(object);
    sockets = new SockHash(object);
    flows = tellsFlows ? Optional.of(new Flows(object)) : Optional.empty();
    services = new Services(object);
    enabled = object.global("enabled");
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
   * Attaches to the control groups: from now on, their new connections are enrolled.
   *
   * @return this
   * @throws BpfException if the kernel refuses; then nothing is attached
   * @throws IllegalStateException if it is attached or closed
   */
  public synchronized Bypass attach() {
    if (attached || closed) {
      throw new IllegalStateException(closed ? "closed" : "attached already");
    }
    var made = new ArrayList<BpfLink>();
    try {
      for (var cgroup : cgroups) {
        made.add(tracker.attach(cgroup));
      }
      if (interception != null) {
        interception.attach(cgroups);
      }
    } catch (RuntimeException e) {
      made.reversed().forEach(BpfLink::close);
      throw e;
    }
    made.forEach(links::push);
    attached = true;
    return this;
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
        "read", "flows", EOPNOTSUPP, "the kernel rejected the iterator over socket maps");
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
    if (closed) {
      throw new IllegalStateException("closed");
    }
    var listening = Events.listen(object);
    events = listening;
    return listening;
  }

  /** {@return what FIONREAD tells applications on this kernel} */
  public FionreadSupport fionread() {
    return fionread;
  }

  /**
   * Switches redirecting on, as it is after loading. Connections return to it one by one, each when
   * the bytes that went over TCP are read.
   */
  public void enable() {
    INT.setVolatile(enabled, 0L, 1);
  }

  /**
   * Switches redirecting off: every message that is sent from now on goes over TCP. Nothing is lost
   * or reordered. Connections are still enrolled and paired.
   */
  public void disable() {
    INT.setVolatile(enabled, 0L, 0);
  }

  /** {@return whether redirecting is switched on} */
  public boolean isEnabled() {
    return (int) INT.getVolatile(enabled, 0L) != 0;
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

  /** The loaded object, for tests. */
  BpfObject object() {
    return object;
  }

  /** Detaches and unloads. Idempotent. Established connections lose nothing. */
  @Override
  public synchronized void close() {
    closed = true;
    if (events != null) {
      events.close();
    }
    if (interception != null) {
      interception.close();
    }
    while (!links.isEmpty()) {
      links.pop().close(); // the newest first: no new sockets, then no new programs for them
    }
    object.close();
  }
}
