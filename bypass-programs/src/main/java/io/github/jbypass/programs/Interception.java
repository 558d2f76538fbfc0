// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.OriginalDestinationMap;
import io.github.jbypass.maps.PodMap;
import io.github.jbypass.programs.Health.Problem;
import io.github.jbypass.programs.Place.Role;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The programs that lead connections of mesh pods to their sidecars. */
final class Interception implements AutoCloseable {
  /** They only restore what the others have changed, so they come first and go last. */
  static final List<String> RESTORERS =
      List.of(
          "tell_original_destination",
          "restore_getpeername4",
          "restore_getpeername6",
          "restore_recvmsg4",
          "restore_recvmsg6",
          "open_bind4");

  static final List<String> LEADERS =
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
    for (var programs : List.of(RESTORERS, LEADERS, InterfaceWatch.PROGRAMS)) {
      programs.forEach(program -> spec.autoload(program, false));
    }
    MAPS.forEach(map -> spec.maxEntries(map, 1));
  }

  /** Where the programs belong, in the order in which they are attached. */
  List<Place> places(Collection<Cgroup> cgroups) {
    var places = new ArrayList<Place>();
    for (var name : RESTORERS) {
      cgroups.forEach(cgroup -> places.add(Place.in(cgroup, Role.RESTORER, object.program(name))));
    }
    for (var name : LEADERS) {
      cgroups.forEach(cgroup -> places.add(Place.in(cgroup, Role.LEADER, object.program(name))));
    }
    return places;
  }

  /** Leads connections that come over interfaces too; after the others are attached. */
  void start() {
    watch.start();
  }

  /** What is not as it should be on the pods' interfaces. */
  List<Problem> problems() {
    return watch.problems();
  }

  PodMap pods() {
    return pods;
  }

  OriginalDestinationMap destinations() {
    return destinations;
  }

  /** Leaves everything as it is, to whoever adopts it. */
  void leaveInPlace() {
    watch.leaveInPlace();
  }

  /** Leads no connections that come over interfaces any more. */
  @Override
  public void close() {
    watch.close();
  }
}
