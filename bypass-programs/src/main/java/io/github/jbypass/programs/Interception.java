// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfLink;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.OriginalDestinationMap;
import io.github.jbypass.maps.PodMap;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;

/** The programs that lead connections of mesh pods to their sidecars. */
final class Interception implements AutoCloseable {
  /** They only restore what the others have changed, so they come first and go last. */
  private static final List<String> RESTORERS =
      List.of(
          "tell_original_destination",
          "restore_getpeername4",
          "restore_getpeername6",
          "restore_recvmsg4",
          "restore_recvmsg6",
          "open_bind4");

  private static final List<String> LEADERS =
      List.of(
          "intercept_connect4", "intercept_connect6", "intercept_sendmsg4", "intercept_sendmsg6");

  private static final List<String> MAPS =
      List.of(
          "identities",
          "pods",
          "pod_rules",
          "pod_networks",
          "dialled",
          "original_destinations",
          "arrived",
          "arriving");

  /** How long connections that are being established may take to reach their sidecar. */
  private static final Duration HANDOVER = Duration.ofSeconds(1);

  /** How long a sidecar may take from accepting a connection to asking for its destination. */
  private static final Duration QUESTION = Duration.ofMillis(100);

  private final BpfObject object;
  private final Deque<BpfLink> restorers = new ArrayDeque<>();
  private final Deque<BpfLink> leaders = new ArrayDeque<>();
  private final BpfMap dialled;
  private final InterfaceWatch watch;
  private final PodMap pods;
  private final OriginalDestinationMap destinations;

  Interception(BpfObject object, Mesh mesh) {
    this.object = object;
    dialled = object.map("dialled");
    watch = new InterfaceWatch(object);
    try {
      pods = new PodMap(object, mesh, watch);
      destinations = new OriginalDestinationMap(object);
    } catch (RuntimeException e) {
      watch.close();
      throw e;
    }
  }

  /** Has the programs loaded. */
  static void include(BpfObjectSpec spec, int maxConnections) {
    spec.set("intercepts", true);
    spec.maxEntries("dialled", maxConnections);
    spec.maxEntries("original_destinations", maxConnections);
    spec.maxEntries("arrived", 2 * maxConnections); // an entry for each direction
  }

  /** Has nothing loaded, and no memory taken. */
  static void exclude(BpfObjectSpec spec) {
    for (var programs : List.of(RESTORERS, LEADERS, InterfaceWatch.PROGRAMS)) {
      programs.forEach(program -> spec.autoload(program, false));
    }
    MAPS.forEach(map -> spec.maxEntries(map, 1));
  }

  /** Attaches to control groups. If that fails, nothing is attached. */
  void attach(Collection<Cgroup> cgroups) {
    try {
      attach(RESTORERS, cgroups, restorers);
      attach(LEADERS, cgroups, leaders);
      watch.start();
    } catch (RuntimeException e) {
      detach(leaders);
      detach(restorers);
      throw e;
    }
  }

  private void attach(List<String> programs, Collection<Cgroup> cgroups, Deque<BpfLink> links) {
    for (var name : programs) {
      var program = object.program(name);
      cgroups.forEach(cgroup -> links.push(program.attach(cgroup)));
    }
  }

  private static void detach(Deque<BpfLink> links) {
    while (!links.isEmpty()) {
      links.pop().close();
    }
  }

  PodMap pods() {
    return pods;
  }

  OriginalDestinationMap destinations() {
    return destinations;
  }

  /**
   * Leads no new connections any more. Sidecars still learn the destinations of those that were
   * just led; established ones go on.
   */
  @Override
  public void close() {
    boolean led = !leaders.isEmpty();
    detach(leaders);
    watch.close();
    if (led) {
      handOver();
    }
    detach(restorers);
  }

  private void handOver() {
    long end = System.nanoTime() + HANDOVER.toNanos();
    try (var arena = Arena.ofConfined()) {
      var key = arena.allocate(dialled.keySize(), Long.BYTES);
      object.awaitRunningPrograms();
      while (dialled.nextKey(null, key) && System.nanoTime() < end) {
        Thread.sleep(10);
      }
      Thread.sleep(QUESTION);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // whoever is in a hurry needn't wait
    }
  }
}
