// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Result;
import io.github.jbypass.examples.rig.Load;
import io.github.jbypass.examples.rig.SidecarMode;
import java.util.ArrayList;
import java.util.List;

/** Requests over connections that are kept: wrk, sidecar, sidecar, nginx, a namespace each pod. */
final class Http implements Section {
  private static final int SMALL = 36;
  private static final int CONNECTIONS = 10;
  private static final String CONNECTION = "connection";
  private static final String BODY = "body of ";

  @Override
  public void run(Setting setting, Findings findings) throws Exception {
    for (var mode : setting.pick(modes(), modes(), List.of(SidecarMode.HTTP))) {
      Meshes.eachRound(
          mode,
          setting,
          (meshes, round) -> {
            byConnections(mode, meshes, round, findings);
            byBody(mode, meshes, round, findings);
          });
    }
  }

  @Override
  public List<Goal> goals() {
    var goals = new ArrayList<Goal>();
    for (var variant : List.of(Variant.ACCELERATED, Variant.INTERCEPTED)) {
      goals.add(Goal.beside(HttpLoad.RATE, variant, Variant.PLAIN, 1.45).where(Http::isOfMany));
      goals.add(Goal.beside(HttpLoad.RATE, variant, Variant.PLAIN, 1.8).where(Http::isOfBodies));
      goals.add(Goal.beside(HttpLoad.P99, variant, Variant.PLAIN, 1));
    }
    goals.add(Goal.beside(HttpLoad.RATE, Variant.ACCELERATED, Variant.ALWAYS, 1));
    return goals;
  }

  private static boolean isOfBodies(Result result) {
    return result.scenario().startsWith(BODY);
  }

  private static boolean isOfMany(Result result) {
    return !isOfBodies(result) && !result.scenario().equals(Sizes.count(1, CONNECTION));
  }

  private static List<SidecarMode> modes() {
    return List.of(SidecarMode.HTTP, SidecarMode.TCP, SidecarMode.NGINX);
  }

  private static void byConnections(
      SidecarMode mode, List<Mesh> meshes, Setting setting, Findings findings) throws Exception {
    var topic = HttpLoad.sidecars(mode) + ", bodies of " + Sizes.text(SMALL);
    var turns = new Turns<>(topic, meshes, setting, findings);
    for (int connections : setting.pick(List.of(1, 10, 100, 1000), List.of(1, 100), List.of(2))) {
      measure(turns, Sizes.count(connections, CONNECTION), connections, SMALL, setting);
    }
  }

  private static void byBody(
      SidecarMode mode, List<Mesh> meshes, Setting setting, Findings findings) throws Exception {
    var topic = HttpLoad.sidecars(mode) + ", " + Sizes.count(CONNECTIONS, CONNECTION);
    var turns = new Turns<>(topic, meshes, setting, findings);
    for (int body :
        setting.pick(List.of(16 << 10, 64 << 10, 1 << 20), List.of(64 << 10), List.of(64 << 10))) {
      measure(turns, BODY + Sizes.text(body), CONNECTIONS, body, setting);
    }
  }

  private static void measure(
      Turns<Mesh> turns, String scenario, int connections, int body, Setting setting)
      throws Exception {
    var load = Load.keepAlive(connections, setting.seconds(), body);
    turns.measure(scenario, Proof.REDIRECTS, mesh -> HttpLoad.run(mesh, load));
  }
}
