// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.examples.rig.SidecarMode;
import io.github.jbypass.examples.rig.UnixMeshRig;
import io.github.jbypass.maps.Counters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is left of a request when its way through the sidecars needs no network at all: the same
 * proxies joined by Unix-domain sockets, beside the meshes. The load is h2load's, because wrk
 * speaks TCP only.
 */
final class LocalLimit implements Section {
  private static final int SMALL = 36;

  private record Scenario(int connections, int body) {
    @Override
    public String toString() {
      return Sizes.count(connections, "connection") + ", " + Sizes.text(body);
    }
  }

  /** Asks for a body of some bytes, over connections that are kept. */
  private interface Requests {
    Map<Metric, Double> run(H2Load load, int body) throws IOException, InterruptedException;
  }

  private record Rig(String name, Optional<Counters> counters, Requests requests)
      implements Variant {}

  @Override
  public void run(Setting setting, Findings findings) throws Exception {
    for (var mode :
        setting.pick(
            List.of(SidecarMode.values()), List.of(SidecarMode.HTTP), List.of(SidecarMode.NGINX))) {
      Meshes.eachRound(mode, setting, (meshes, round) -> measure(mode, meshes, round, findings));
    }
  }

  private static void measure(SidecarMode mode, List<Mesh> meshes, Setting round, Findings findings)
      throws Exception {
    try (var unix = UnixMeshRig.start("unix", mode)) {
      var rigs = new ArrayList<>(meshes.stream().map(LocalLimit::overTcp).toList());
      rigs.add(overUnix(unix));
      var turns = new Turns<>(HttpLoad.sidecars(mode) + ", h2load", rigs, round, findings);
      for (var scenario : scenarios(round)) {
        var load = new H2Load(scenario.connections, round.seconds());
        turns.measure(
            scenario.toString(), Proof.REDIRECTS, rig -> rig.requests.run(load, scenario.body));
      }
    }
  }

  private static List<Scenario> scenarios(Setting setting) {
    var ten = new Scenario(10, SMALL);
    var hundred = new Scenario(100, SMALL);
    var thousand = new Scenario(1000, SMALL);
    var large = new Scenario(10, 64 << 10);
    return setting.pick(
        List.of(ten, hundred, thousand, large), List.of(ten, hundred), List.of(ten));
  }

  private static Rig overTcp(Mesh mesh) {
    var rig = mesh.rig();
    return new Rig(
        mesh.name(),
        mesh.counters(),
        (load, body) -> load.run(rig::runInClient, "--h1", rig.httpUrl(body)));
  }

  private static Rig overUnix(UnixMeshRig rig) {
    return new Rig(
        Variant.UNIX,
        Optional.empty(),
        (load, body) ->
            load.run(
                rig::runInClient, "--h1", "--base-uri=unix:" + rig.socket(), rig.httpUrl(body)));
  }
}
