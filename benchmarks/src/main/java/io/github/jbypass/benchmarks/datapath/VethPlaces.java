// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.examples.rig.PodPair;
import io.github.jbypass.examples.rig.UndoStack;
import io.github.jbypass.programs.Bypass;
import java.io.IOException;
import java.util.List;

/** Where the ends of a connection are in two namespaces that a veth pair joins. */
final class VethPlaces implements AutoCloseable {
  private final UndoStack undo = new UndoStack();
  private final List<Place> all;

  VethPlaces() throws IOException {
    try {
      var plain = undo.push(PodPair.create("veth-plain"));
      var ours = undo.push(PodPair.create("veth-accelerated"));
      var theirs = undo.push(PodPair.create("veth-always"));
      var bypass = undo.push(Bypass.builder().cgroup(ours.cgroup()).load()).attach();
      var always = undo.push(new RedirectAlways(theirs.cgroup(), bypass.fionread()));
      all =
          List.of(
              new Place(Variant.TCP, opener(plain)),
              new Place(Variant.ALWAYS, opener(theirs), always.counters()),
              new Place(Variant.ACCELERATED, opener(ours), bypass.counters()));
    } catch (IOException | RuntimeException e) {
      undo.closeAfter(e);
      throw e;
    }
  }

  private static Enclave.Opener<Connection> opener(PodPair pods) {
    return () ->
        Enclave.within(
            pods.cgroup(),
            () ->
                Connection.tcp(
                    pods.clientNamespace(), pods.serverNamespace(), pods.serverAddress()));
  }

  List<Place> all() {
    return all;
  }

  @Override
  public void close() {
    undo.close();
  }
}
