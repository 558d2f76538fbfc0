// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jbypass.core.AlreadyExistsException;
import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.NetworkDevice;
import io.github.jbypass.core.NetworkNamespace;
import io.github.jbypass.core.TcDirection;
import io.github.jbypass.core.TcFilter;
import io.github.jbypass.maps.ArrivalMap;
import io.github.jbypass.maps.Pod;
import io.github.jbypass.maps.PodMap;
import io.github.jbypass.programs.Health.Problem;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Keeps the programs for connections from outside on the interfaces of the pods that have a network
 * namespace. Packets of a connection that was led to a sidecar need them until its end, even after
 * this process: so they are filters that stay where such connections are left.
 *
 * <p>If the object's maps are those of an earlier process, its filters are taken over: none is
 * without a program for a moment, and until {@link #start} the earlier one's program leads.
 */
final class InterfaceWatch implements PodMap.Listener, AutoCloseable {
  static final List<String> PROGRAMS =
      List.of("lead_to_sidecar", "lead_connection", "answer_for_pod");

  private static final VarHandle INT = JAVA_INT.varHandle();
  private static final String LOOPBACK = "lo";
  private static final int FIRST_PRIORITY = 15_001;
  private static final int LAST_PRIORITY = FIRST_PRIORITY + 99;

  /** How long connections may take to be established, or to end, before nothing leads them. */
  private static final Duration HANDOVER = Duration.ofSeconds(1);

  /** Answers first: nothing is led before it can be answered. */
  private static final List<TcDirection> ORDER = List.of(TcDirection.EGRESS, TcDirection.INGRESS);

  /**
   * A pod's interfaces while they are watched, and all addresses that the pod has had meanwhile.
   */
  private record Watched(Set<InetAddress> addresses, List<TcFilter> filters) {}

  private final BpfObject object;
  private final ArrivalMap established;
  private final ArrivalMap unsettled; // between SYN and established, and at their end
  private final int connections; // number of the map that tells our filters from others
  private final MemorySegment interfacesWatched;
  private final Leader leader;
  private final boolean inherits;
  private final Map<NetworkNamespace, Watched> watched = new LinkedHashMap<>();
  private final Set<TcFilter> inherited = new HashSet<>(); // those that still have old programs
  private boolean hasStrays; // inherited ones, maybe, where no pod is
  private boolean leads;
  private boolean closed;

  InterfaceWatch(BpfObject object) {
    this.object = object;
    established = new ArrivalMap(object);
    unsettled = new ArrivalMap(object.map("arriving"));
    connections = object.map("arrived").info().id();
    interfacesWatched = object.global("interfaces_watched");
    leader = new Leader(object.map(Leader.MAP));
    inherits = leader.stays();
    hasStrays = inherits;
    if (!inherits) {
      leader.stay(program(TcDirection.EGRESS));
    }
  }

  /** Leads new connections from now on, in an earlier process's stead if there was one. */
  synchronized void start() {
    watched.forEach(this::takeOver);
    leader.lead(object.program("lead_connection"));
    leader.stay(program(TcDirection.EGRESS)); // nothing keeps what the earlier one has loaded
    leads = true;
    if (hasStrays) {
      removeStrays(needed());
    }
  }

  /** If somebody has removed a filter meanwhile, there is another one then. */
  private void takeOver(NetworkNamespace namespace, Watched interfaces) {
    try {
      if (interfaces.filters.removeIf(filter -> inherited.remove(filter) && !takeOver(filter))) {
        watch(namespace, interfaces.filters, new ArrayList<>());
      }
    } catch (BpfException e) { // the namespace may be gone
      new LogEvent("interfaces_not_watched")
          .with("namespace", namespace)
          .with("reason", String.valueOf(e.getMessage()))
          .log(Level.WARNING);
    }
  }

  private boolean takeOver(TcFilter filter) {
    try {
      filter.update(program(filter.direction()));
      return true;
    } catch (BpfException e) {
      new LogEvent("filter_gone").with("filter", filter).log(Level.DEBUG, e);
      return false;
    }
  }

  @Override
  public synchronized void changing(Collection<Pod> before, Collection<Pod> after) {
    var unchanged = Set.copyOf(before);
    var made = new ArrayList<TcFilter>();
    try {
      for (var pod : after) {
        var namespace = pod.namespace().orElse(null);
        if (namespace != null && !(unchanged.contains(pod) && watched.containsKey(namespace))) {
          INT.setVolatile(interfacesWatched, 0L, 1);
          var interfaces =
              watched.computeIfAbsent(
                  namespace, _ -> new Watched(new HashSet<>(), new ArrayList<>()));
          interfaces.addresses.addAll(pod.addresses());
          watch(namespace, interfaces.filters, made);
        }
      }
    } catch (RuntimeException e) {
      watched.values().forEach(interfaces -> interfaces.filters.removeAll(made));
      watched.values().removeIf(interfaces -> interfaces.filters.isEmpty());
      detach(made);
      throw e;
    }
  }

  @Override
  public synchronized void changed(Collection<Pod> pods) {
    var unwanted = new HashSet<>(watched.keySet());
    pods.forEach(pod -> pod.namespace().ifPresent(unwanted::remove));
    if (unwanted.isEmpty() && !(leads && hasStrays)) {
      return;
    }
    var needed = needed();
    for (var namespace : unwanted) {
      var interfaces = watched.get(namespace);
      if (Collections.disjoint(interfaces.addresses, needed)) { // else a later change looks again
        detach(interfaces.filters);
        watched.remove(namespace);
      }
    }
    if (leads) {
      removeStrays(needed);
    }
  }

  /** Addresses of pods that connections from outside still reach over our filters. */
  private Set<InetAddress> needed() {
    var needed = established.pods();
    needed.addAll(unsettled.pods());
    return needed;
  }

  /** Filters that are not as they were made, on interfaces that are still there. */
  synchronized List<Problem> problems() {
    var problems = new ArrayList<Problem>();
    for (var interfaces : watched.values()) {
      for (var filter : interfaces.filters) {
        if (!inherited.contains(filter)) {
          int expected = program(filter.direction()).id();
          HealthCheck.check(filter, expected).ifPresent(problems::add);
        }
      }
    }
    return problems;
  }

  /** Attaches to the interfaces that have no filters yet. */
  private void watch(NetworkNamespace namespace, List<TcFilter> filters, List<TcFilter> made) {
    for (var device : namespace.devices()) {
      var missing = new ArrayList<>(ORDER);
      filters.stream()
          .filter(filter -> filter.device().equals(device))
          .forEach(filter -> missing.remove(filter.direction()));
      if (missing.isEmpty() || device.name().equals(LOOPBACK)) {
        continue;
      }
      AbandonedFilters.remove(device);
      for (var direction : missing) {
        var old = inherits ? ours(device, direction) : Optional.<TcFilter>empty();
        old.ifPresent(this::inherit);
        var filter = old.orElseGet(() -> attach(program(direction), device, direction));
        filters.add(filter);
        if (old.isEmpty()) {
          made.add(filter);
        }
      }
    }
  }

  private Optional<TcFilter> ours(NetworkDevice device, TcDirection direction) {
    return InterfaceFilter.on(device).stream()
        .filter(found -> found.uses(connections))
        .map(InterfaceFilter::filter)
        .filter(filter -> filter.direction() == direction)
        .findFirst();
  }

  private void inherit(TcFilter filter) {
    if (leads) {
      filter.update(program(filter.direction()));
    } else {
      inherited.add(filter);
    }
  }

  private BpfProgram program(TcDirection direction) {
    return object.program(
        switch (direction) {
          case INGRESS -> "lead_to_sidecar";
          case EGRESS -> "answer_for_pod";
        });
  }

  /** Filters of an earlier process that still serve its connections keep their places. */
  private static TcFilter attach(BpfProgram program, NetworkDevice device, TcDirection direction) {
    var name = InterfaceFilter.NAME_PREFIX + program.name();
    for (int priority = FIRST_PRIORITY; ; priority++) {
      try {
        return program.attachPersistent(device, direction, name, priority);
      } catch (AlreadyExistsException e) {
        if (priority == LAST_PRIORITY) {
          throw e;
        }
      }
    }
  }

  /** What an earlier process has attached is its own until this one takes over. */
  private void detach(List<TcFilter> filters) {
    filters.reversed().stream()
        .filter(filter -> !inherited.remove(filter))
        .forEach(TcFilter::detach);
  }

  /**
   * Takes over inherited filters where no pod is any more, and removes those that no connection
   * needs.
   */
  private void removeStrays(Set<InetAddress> needed) {
    if (!hasStrays) {
      return;
    }
    var others = new HashSet<>(needed);
    watched.values().forEach(interfaces -> others.removeAll(interfaces.addresses));
    try {
      var strays = strays();
      var unneeded = LocalPods.without(others, strays);
      unneeded.forEach(TcFilter::detach);
      strays.removeAll(unneeded);
      strays.forEach(stray -> stray.update(program(stray.direction())));
      hasStrays = !strays.isEmpty();
    } catch (BpfException e) { // something has just gone: the next change looks again
      new LogEvent("stray_filters_stay").log(Level.DEBUG, e);
    }
  }

  private List<TcFilter> strays() {
    return InterfaceFilter.everywhere().stream()
        .filter(found -> found.uses(connections))
        .map(InterfaceFilter::filter)
        .filter(filter -> !watched.containsKey(filter.device().namespace()))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /** Leaves everything as it is, to whoever takes over. */
  synchronized void leaveInPlace() {
    closed = true;
  }

  /** Leads no new connections any more, and removes what those that are there don't need. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    boolean isLeaders = leads || !inherits; // else an earlier process's data path goes on
    if (isLeaders) {
      leader.stopLeading();
      boolean hasFilters = !watched.isEmpty() || hasStrays;
      if (hasFilters) {
        awaitSettled();
      }
      leader.end();
      if (!hasFilters) { // nothing to look for, and maybe nowhere to look
        return;
      }
    }
    var needed = established.pods();
    watched.forEach(
        (namespace, interfaces) -> {
          if (!Collections.disjoint(interfaces.addresses, needed)) {
            new LogEvent("filters_stay")
                .with(
                    "pod", interfaces.addresses.stream().map(InetAddress::getHostAddress).toList())
                .with("reason", "connections from outside go on")
                .log(Level.INFO);
          } else {
            detach(interfaces.filters);
          }
        });
    if (isLeaders) {
      removeStrays(needed);
    }
    watched.clear();
  }

  /** Filters that went in mid-handshake would have it answered from the wrong port. */
  private void awaitSettled() {
    long end = System.nanoTime() + HANDOVER.toNanos();
    object.awaitRunningPrograms();
    var addresses = new HashSet<InetAddress>();
    watched.values().forEach(interfaces -> addresses.addAll(interfaces.addresses));
    try {
      while (!Collections.disjoint(addresses, unsettled.pods()) && System.nanoTime() < end) {
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // whoever is in a hurry needn't wait
    }
  }
}
