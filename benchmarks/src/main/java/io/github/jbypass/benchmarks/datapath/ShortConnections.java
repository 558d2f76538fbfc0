// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.examples.rig.Load;
import io.github.jbypass.examples.rig.SidecarMode;
import io.github.jbypass.examples.rig.UndoStack;
import java.util.ArrayList;
import java.util.List;

/** Connect, one request, close: where enrolling costs the most and gains the least. */
final class ShortConnections implements Section {
  private static final int BODY = 36;

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.beside(HttpLoad.RATE, Variant.ACCELERATED, Variant.PLAIN, 1),
        Goal.beside(HttpLoad.RATE, Variant.INTERCEPTED, Variant.PLAIN, 1),
        Goal.beside(HttpLoad.P99, Variant.ACCELERATED, Variant.PLAIN, 1),
        Goal.beside(HttpLoad.P99, Variant.INTERCEPTED, Variant.PLAIN, 1));
  }

  @Override
  public void run(Setting setting, Findings findings) throws Exception {
    for (var mode :
        setting.pick(
            List.of(SidecarMode.values()),
            List.of(SidecarMode.HTTP, SidecarMode.TCP),
            List.of(SidecarMode.TCP))) {
      Meshes.eachRound(
          mode,
          setting,
          (meshes, round) -> {
            try (var undo = new UndoStack()) {
              var all = new ArrayList<>(meshes);
              all.add(1, Mesh.noOp(mode, undo));
              measure(new Turns<>(HttpLoad.sidecars(mode), all, round, findings), round);
            }
          });
    }
  }

  private static void measure(Turns<Mesh> turns, Setting round) throws Exception {
    for (int connections : round.pick(List.of(10, 100), List.of(10), List.of(2))) {
      var load = Load.of(connections, round.seconds(), BODY, true);
      turns.measure(
          Sizes.count(connections, "connection") + " at once",
          Proof.NOTICES,
          mesh -> HttpLoad.run(mesh, load));
    }
  }
}
