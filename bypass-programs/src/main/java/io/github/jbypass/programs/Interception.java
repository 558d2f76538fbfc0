// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfLink;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.OriginalDestinationMap;
import io.github.jbypass.maps.PodMap;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

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

  private final BpfObject object;
  private final InterfaceWatch watch;
  private final PodMap pods;
  private final OriginalDestinationMap destinations;

  Interception(BpfObject object, Mesh mesh) {
    this.object = object;
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
    Stream.of(RESTORERS, LEADERS, InterfaceWatch.PROGRAMS)
        .flatMap(Collection::stream)
        .forEach(program -> spec.autoload(program, false));
    MAPS.forEach(map -> spec.maxEntries(map, 1));
  }

  /** Attaches to control groups, each link made is handed over at once. */
  void attach(Collection<Cgroup> cgroups, Consumer<BpfLink> links) {
    for (var programs : List.of(RESTORERS, LEADERS)) {
      for (var program : programs) {
        for (var cgroup : cgroups) {
          links.accept(object.program(program).attach(cgroup));
        }
      }
    }
  }

  PodMap pods() {
    return pods;
  }

  OriginalDestinationMap destinations() {
    return destinations;
  }

  /** Leads no new connections any more; those that exist go on. */
  @Override
  public void close() {
    watch.close();
  }
}
