// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.examples.rig.SidecarMode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** How long a message takes there and back: over loopback, between namespaces, through sidecars. */
final class RoundTrips implements Section {
  private static final Metric TIME = Metric.less("round trip", "µs");
  private static final int CONNECTIONS = 5;
  private static final String LOOPBACK = "over loopback";

  @Override
  public void run(Setting setting, Findings findings) throws Exception {
    try (var places = new LoopbackPlaces("round-trip")) {
      var all = List.of(places.unix(), places.tcp(), places.always(), places.accelerated());
      measure(LOOPBACK, all, setting, findings);
    }
    try (var places = new VethPlaces()) {
      measure("between namespaces", places.all(), setting, findings);
    }
    Meshes.eachRound(
        SidecarMode.TCP,
        setting,
        (meshes, round) -> measure("through two sidecars", Mesh.places(meshes), round, findings));
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.beside(TIME, Variant.ACCELERATED, Variant.UNIX, 1.15)
            .where(result -> result.topic().equals(LOOPBACK)));
  }

  private static void measure(String topic, List<Place> places, Setting setting, Findings findings)
      throws Exception {
    var turns = new Turns<>(topic, places, setting, findings);
    Duration time = setting.time().dividedBy(2); // a round trip is so short that this tells as much
    for (int size : sizes(setting)) {
      turns.measure(
          Sizes.text(size), Proof.REDIRECTS, place -> Map.of(TIME, micros(place, size, time)));
    }
  }

  /** Threads stay for long where the scheduler puts them first: so several, one after the other. */
  private static double micros(Place place, int size, Duration time) throws IOException {
    double sum = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
      try (var connection = place.opener().open()) {
        sum += RoundTrip.micros(connection, size, time.dividedBy(CONNECTIONS));
      }
    }
    return sum / CONNECTIONS;
  }

  private static List<Integer> sizes(Setting setting) {
    return setting.pick(
        List.of(64, 1 << 10, 4 << 10, 16 << 10, 64 << 10),
        List.of(64, 4 << 10, 64 << 10),
        List.of(64));
  }
}
