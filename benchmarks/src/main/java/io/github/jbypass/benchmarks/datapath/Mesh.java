// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.examples.rig.MeshRig;
import io.github.jbypass.examples.rig.SidecarMode;
import io.github.jbypass.examples.rig.UndoStack;
import io.github.jbypass.maps.Counters;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A rig of two pods with sidecars, and the programs that work for it. */
record Mesh(String name, MeshRig rig, Optional<Counters> counters) implements Variant {
  /** The plain mesh with a sock_ops program that does nothing: what having one costs. */
  static Mesh noOp(SidecarMode mode, UndoStack undo) throws InterruptedException {
    var rig = undo.push(MeshRig.start("no-op", mode));
    undo.push(undo.push(Nothing.load()).program("do_nothing").attach(rig.cgroup()));
    return new Mesh(Variant.NO_OP, rig, Optional.empty());
  }

  /** Where connections are opened, in each of some meshes. */
  static List<Place> places(List<Mesh> meshes) {
    return meshes.stream().map(mesh -> new Place(mesh.name, mesh::connect, mesh.counters)).toList();
  }

  /** From the client's application to that of the server, through both sidecars. */
  Connection connect() throws IOException {
    return Enclave.within(
        rig.cgroup(),
        () -> Connection.tcp(rig.clientNamespace(), rig.serverNamespace(), rig.serverAddress()));
  }
}
