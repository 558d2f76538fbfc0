// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.examples.rig.SidecarMode;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * HTTP/2 through two sidecars, as gRPC is: few connections, many streams on each. h2load to nginx,
 * without TLS.
 */
final class Http2 implements Section {
  private record Scenario(int connections, int streams, int body) {
    @Override
    public String toString() {
      return "%s of %s, %s"
          .formatted(
              Sizes.count(connections, "connection"),
              Sizes.count(streams, "stream"),
              Sizes.text(body));
    }
  }

  @Override
  public void run(Setting setting, Findings findings) throws Exception {
    Meshes.eachRound(
        SidecarMode.TCP,
        setting,
        (meshes, round) -> {
          var turns = new Turns<>("h2load to nginx", meshes, round, findings);
          for (var scenario : scenarios(round)) {
            turns.measure(
                scenario.toString(),
                Proof.REDIRECTS,
                mesh -> load(mesh, scenario, round.seconds()));
          }
        });
  }

  private static List<Scenario> scenarios(Setting setting) {
    var few = new Scenario(1, 10, 36);
    var many = new Scenario(10, 10, 36);
    var large = new Scenario(10, 10, 16 << 10);
    return setting.pick(List.of(few, many, large), List.of(many, large), List.of(few));
  }

  private static Map<Metric, Double> load(Mesh mesh, Scenario scenario, int seconds)
      throws IOException, InterruptedException {
    var load = new H2Load(scenario.connections, seconds);
    return load.run(
        mesh.rig()::runInClient,
        "--max-concurrent-streams=" + scenario.streams,
        mesh.rig().http2Url(scenario.body));
  }
}
