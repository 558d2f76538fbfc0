// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.examples.rig.MeshRig;
import io.github.jbypass.examples.rig.SidecarMode;
import io.github.jbypass.examples.rig.UndoStack;
import java.util.Optional;

/** The plain mesh with a sock_ops program that does nothing: what having one costs. */
final class NoOpMesh implements AutoCloseable {
  private final UndoStack undo = new UndoStack();
  private final Mesh mesh;

  NoOpMesh(SidecarMode mode) throws InterruptedException {
    try {
      var rig = undo.push(MeshRig.start("no-op", mode));
      try (var spec =
          BpfObjectSpec.open("nothing", NoOpMesh.class.getResourceAsStream("/bpf/nothing.bpf.o"))) {
        undo.push(undo.push(spec.load()).program("do_nothing").attach(rig.cgroup()));
      }
      mesh = new Mesh(Variant.NO_OP, rig, Optional.empty());
    } catch (RuntimeException | InterruptedException e) {
      undo.closeAfter(e);
      throw e;
    }
  }

  Mesh mesh() {
    return mesh;
  }

  @Override
  public void close() {
    undo.close();
  }
}
