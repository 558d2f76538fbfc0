// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.examples.rig.SidecarMode;
import io.github.jbypass.examples.rig.UndoStack;
import io.github.jbypass.programs.FionreadSupport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How much goes one way, and the processor time that it costs those at both ends. */
final class Streams implements Section {
  private static final String NO_MEMORY = "Cannot allocate memory";
  private static final String LOOPBACK = "over loopback";
  private static final Metric RATE = Metric.more("one-way stream", "MB/s");
  private static final Metric SENDING = Metric.less("CPU of the sender", "s/GB");
  private static final Metric RECEIVING = Metric.less("CPU of the receiver", "s/GB");
  private static final Metric MACHINE = Metric.less("CPU of the machine", "s/GB");

  private FionreadSupport fionread = FionreadSupport.REPAIRED;

  @Override
  public void run(Setting setting, Findings findings) throws Exception {
    try (var places = new LoopbackPlaces("stream")) {
      var all =
          List.of(
              places.tcp(), places.unix(), places.always(), places.never(), places.accelerated());
      for (int connections : setting.pick(List.of(1, 8, 64), List.of(1, 64), List.of(2))) {
        measure(LOOPBACK, connections, sizes(setting), all, setting, findings);
      }
      fionread = places.fionread();
      findings.note("FIONREAD over loopback: " + fionread);
    }
    Meshes.eachRound(
        SidecarMode.TCP,
        setting,
        (meshes, round) -> {
          var places = Mesh.places(meshes);
          for (int connections : round.pick(List.of(1, 8), List.of(1), List.of(1))) {
            measure("through two sidecars", connections, few(round), places, round, findings);
          }
        });
  }

  /** The repair of FIONREAD takes what came over TCP through a second program. */
  @Override
  public List<Goal> goals() {
    return fionread == FionreadSupport.REPAIRED
        ? List.of()
        : List.of(
            Goal.beside(RATE, Variant.ACCELERATED, Variant.TCP, 1)
                .where(result -> result.topic().startsWith(LOOPBACK)));
  }

  private static void measure(
      String topic,
      int connections,
      List<Integer> sizes,
      List<Place> places,
      Setting setting,
      Findings findings)
      throws Exception {
    var name = topic + ", " + Sizes.count(connections, "connection");
    var turns = new Turns<>(name, places, setting, findings);
    Duration time = setting.time().dividedBy(4);
    for (int size : sizes) {
      turns.measure(
          Sizes.text(size),
          Proof.DECIDES,
          place -> {
            try {
              return figures(run(place, connections, size, time));
            } catch (IOException e) {
              if (!place.name().equals(Variant.ALWAYS)
                  || !String.valueOf(e.getMessage()).endsWith(NO_MEMORY)) {
                throw e;
              }
              findings.note(
                  "%s, %s: %s in a round: nothing stops a sender that is ahead of its reader"
                      .formatted(name, place.name(), NO_MEMORY.toLowerCase(Locale.ROOT)));
              return Map.of();
            }
          });
    }
  }

  private static Stream run(Place place, int connections, int size, Duration time)
      throws IOException {
    try (var undo = new UndoStack()) {
      var opened = new ArrayList<Connection>();
      for (int i = 0; i < connections; i++) {
        opened.add(undo.push(place.opener().open()));
      }
      return Stream.run(opened, size, time);
    }
  }

  private static List<Integer> sizes(Setting setting) {
    return setting.pick(
        List.of(256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10), few(setting), few(setting));
  }

  private static List<Integer> few(Setting setting) {
    var few = List.of(256, 16 << 10, 256 << 10);
    return setting.pick(few, few, List.of(16 << 10));
  }

  private static Map<Metric, Double> figures(Stream stream) {
    var figures = new LinkedHashMap<Metric, Double>();
    figures.put(RATE, stream.megabytesPerSecond());
    figures.put(SENDING, stream.secondsPerGigabyte(stream.sending()));
    figures.put(RECEIVING, stream.secondsPerGigabyte(stream.receiving()));
    figures.put(MACHINE, stream.secondsPerGigabyte(stream.machine()));
    return figures;
  }
}
