// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.examples.rig.Interception;
import io.github.jbypass.examples.rig.MeshRig;
import io.github.jbypass.examples.rig.SidecarMode;
import io.github.jbypass.examples.rig.UndoStack;
import io.github.jbypass.maps.Counters;
import io.github.jbypass.programs.Bypass;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The same mesh in every variant, side by side. */
final class Meshes implements AutoCloseable {
  /** Measures meshes, in one round. */
  interface Measured {
    void measure(List<Mesh> meshes, Setting round) throws Exception;
  }

  private final UndoStack undo = new UndoStack();
  private final List<Mesh> all;
  private final MeshRig withoutRules;

  /**
   * New meshes for each round: what connections a proxy keeps, and who got them, outlasts a load
   * and decides how fast the next one is.
   */
  static void eachRound(SidecarMode mode, Setting setting, Measured measured) throws Exception {
    for (int round = 0; round < setting.rounds(); round++) {
      try (var meshes = new Meshes(mode)) {
        measured.measure(meshes.all, setting.round(round));
        meshes.proveThatNoRulesIntercept();
      }
    }
  }

  private Meshes(SidecarMode mode) throws IOException, InterruptedException {
    try {
      var plain = undo.push(MeshRig.start("plain", mode));
      var theirs = undo.push(MeshRig.start("always", mode));
      var ours = undo.push(MeshRig.start("accelerated", mode));
      withoutRules = undo.push(MeshRig.start("intercepted", mode, Interception.BYPASS));
      var accelerate = undo.push(Bypass.builder().cgroup(ours.cgroup()).load()).attach();
      var always = undo.push(new RedirectAlways(theirs.cgroup(), accelerate.fionread()));
      all =
          List.of(
              new Mesh(Variant.PLAIN, plain, Optional.empty()),
              mesh(Variant.ALWAYS, theirs, always.counters()),
              mesh(Variant.ACCELERATED, ours, accelerate.counters()),
              mesh(Variant.INTERCEPTED, withoutRules, intercept(withoutRules).counters()));
    } catch (IOException | RuntimeException | InterruptedException e) {
      undo.closeAfter(e);
      throw e;
    }
  }

  private Bypass intercept(MeshRig rig) {
    var istio = io.github.jbypass.maps.Mesh.ISTIO;
    var bypass = undo.push(Bypass.builder().cgroup(rig.cgroup()).intercept(istio).load());
    bypass.pods().set(rig.pods());
    return bypass.attach();
  }

  private static Mesh mesh(String name, MeshRig rig, Counters counters) {
    return new Mesh(name, rig, Optional.of(counters));
  }

  /** Throws if anything but the programs may have led the intercepted connections. */
  private void proveThatNoRulesIntercept() {
    var rules = withoutRules.netfilterRules();
    if (!rules.isEmpty()) {
      throw new UnprovedException("the intercepted mesh has netfilter rules: " + rules);
    }
  }

  @Override
  public void close() {
    undo.close();
  }
}
