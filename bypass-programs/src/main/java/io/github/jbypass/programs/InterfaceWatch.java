// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.AlreadyExistsException;
import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.NetworkDevice;
import io.github.jbypass.core.NetworkNamespace;
import io.github.jbypass.core.TcDirection;
import io.github.jbypass.core.TcFilter;
import io.github.jbypass.core.UpdateMode;
import io.github.jbypass.core.internal.LoopedSocket;
import io.github.jbypass.maps.ArrivalMap;
import io.github.jbypass.maps.Pod;
import io.github.jbypass.maps.PodMap;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
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
import java.util.Set;

/**
 * Keeps the programs for connections from outside on the interfaces of the pods that have a network
 * namespace. Packets of a connection that was led to a sidecar need them until its end, even after
 * this process: so they are filters that stay where such connections are left.
 */
final class InterfaceWatch implements PodMap.Listener, AutoCloseable {
  static final List<String> PROGRAMS = List.of("lead_to_sidecar", "answer_for_pod");

  private static final System.Logger LOGGER = System.getLogger(Bypass.class.getName());
  private static final VarHandle INT = JAVA_INT.varHandle();
  private static final String NAME_PREFIX = "jbypass-";
  private static final String LOOPBACK = "lo";
  private static final int FIRST_PRIORITY = 15_001;
  private static final int LAST_PRIORITY = FIRST_PRIORITY + 99;

  /** How long connections may take to be established, or to end, before nothing leads them. */
  private static final Duration HANDOVER = Duration.ofSeconds(1);

  /**
   * A pod's interfaces while they are watched, and all addresses that the pod has had meanwhile.
   */
  private record Watched(Set<InetAddress> addresses, List<TcFilter> filters) {}

  private final BpfProgram ingress;
  private final BpfProgram egress;
  private final BpfObject object;
  private final ArrivalMap established;
  private final ArrivalMap unsettled; // between SYN and established, and at their end
  private final MemorySegment interfacesWatched;
  private final LoopedSocket sign;
  private final Map<NetworkNamespace, Watched> watched = new LinkedHashMap<>();

  InterfaceWatch(BpfObject object) {
    ingress = object.program("lead_to_sidecar");
    egress = object.program("answer_for_pod");
    this.object = object;
    established = new ArrivalMap(object);
    unsettled = new ArrivalMap(object.map("arriving"));
    interfacesWatched = object.global("interfaces_watched");
    sign = openSign();
    try {
      showSign(object);
    } catch (RuntimeException e) {
      sign.close();
      throw e;
    }
  }

  private static LoopedSocket openSign() {
    try {
      return new LoopedSocket();
    } catch (UncheckedIOException e) {
      var failure = new BpfException("watch", "interfaces", 0, String.valueOf(e.getMessage()));
      failure.initCause(e);
      throw failure;
    }
  }

  /** The socket leaves the map when it is closed, at the latest with the process. */
  private void showSign(BpfObject object) {
    try (var arena = Arena.ofConfined()) {
      object
          .map("leading_process")
          .update(
              arena.allocate(JAVA_INT), arena.allocateFrom(JAVA_LONG, sign.fd()), UpdateMode.ANY);
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
    if (unwanted.isEmpty()) {
      return;
    }
    var needed = established.pods();
    needed.addAll(unsettled.pods());
    for (var namespace : unwanted) {
      var interfaces = watched.get(namespace);
      if (Collections.disjoint(interfaces.addresses, needed)) { // else a later change looks again
        detach(interfaces.filters);
        watched.remove(namespace);
      }
    }
  }

  /** Attaches to the interfaces that have no filters yet. */
  private void watch(NetworkNamespace namespace, List<TcFilter> filters, List<TcFilter> made) {
    var known = filters.stream().map(TcFilter::device).toList();
    for (var device : namespace.devices()) {
      if (!device.name().equals(LOOPBACK) && !known.contains(device)) {
        AbandonedFilters.remove(device, NAME_PREFIX);
        // answers first: nothing is led before it can be answered
        for (var direction : List.of(TcDirection.EGRESS, TcDirection.INGRESS)) {
          var program = direction == TcDirection.EGRESS ? egress : ingress;
          var filter = attach(program, device, direction);
          filters.add(filter);
          made.add(filter);
        }
      }
    }
  }

  /** Filters of an earlier process that still serve its connections keep their places. */
  private static TcFilter attach(BpfProgram program, NetworkDevice device, TcDirection direction) {
    for (int priority = FIRST_PRIORITY; ; priority++) {
      try {
        return program.attachPersistent(device, direction, NAME_PREFIX + program.name(), priority);
      } catch (AlreadyExistsException e) {
        if (priority == LAST_PRIORITY) {
          throw e;
        }
      }
    }
  }

  private static void detach(List<TcFilter> filters) {
    filters.reversed().forEach(TcFilter::detach);
  }

  @Override
  public synchronized void close() {
    sign.close();
    if (watched.isEmpty()) { // nothing to look for, and closed again, nowhere to look
      return;
    }
    awaitSettled();
    var needed = established.pods();
    watched.forEach(
        (namespace, interfaces) -> {
          if (!Collections.disjoint(interfaces.addresses, needed)) {
            LOGGER.log(
                Level.INFO,
                "connections from outside to {0} go on: its filters stay",
                interfaces.addresses);
          } else {
            detach(interfaces.filters);
          }
        });
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
