// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Variants that are measured in turns, so that what the machine does meanwhile hits them alike.
 * Each time, the programs of the variant at hand have to prove that they took part, and those of
 * the others that they did not.
 */
final class Turns<V extends Variant> {
  /** Measures a variant once. */
  interface Measured<V> {
    /** The figures, in the order of the tables: the first one is drawn. */
    Map<Metric, Double> of(V variant) throws Exception;
  }

  private static final int ATTEMPTS = 3;
  private static final int SETTLING_MILLIS = 10;
  private static final int SETTLING_ATTEMPTS = 500;

  private final String topic;
  private final List<V> variants;
  private final Setting setting;
  private final Findings findings;

  Turns(String topic, List<V> variants, Setting setting, Findings findings) {
    this.topic = topic;
    this.variants = variants;
    this.setting = setting;
    this.findings = findings;
  }

  /** Each round measures every variant, beginning with another one. */
  void measure(String scenario, Proof proof, Measured<V> measured) throws Exception {
    findings.progress(topic + ", " + scenario);
    var all = new ArrayList<Runnable>(); // nothing of a scenario that fails
    for (int round = setting.first(); round < setting.first() + setting.rounds(); round++) {
      for (int turn = 0; turn < variants.size(); turn++) {
        var variant = variants.get((round + turn) % variants.size());
        proved(scenario, variant, proof, measured)
            .forEach(
                (metric, value) ->
                    all.add(() -> findings.add(topic, scenario, variant.name(), metric, value)));
      }
    }
    all.forEach(Runnable::run);
  }

  /** Leftovers of the load before, which came late, don't come again; a mistake does. */
  private Map<Metric, Double> proved(String scenario, V variant, Proof proof, Measured<V> measured)
      throws Exception {
    for (int attempt = 1; ; attempt++) {
      var before = settled(proof);
      var figures = figures(scenario, variant, measured);
      var busy = busy(before, evidence(proof));
      if (variant.counters().isPresent() && !busy.contains(variant)) {
        throw new UnprovedException(
            "%s: the programs did not take part (%s): %s"
                .formatted(what(scenario, variant), proof, variant.counters().get()));
      }
      busy.remove(variant);
      if (busy.isEmpty()) {
        return figures;
      }
      if (attempt == ATTEMPTS) {
        throw new UnprovedException(
            "%s: the programs of '%s' took part (%s)"
                .formatted(what(scenario, variant), busy.getFirst().name(), proof));
      }
    }
  }

  private Map<Metric, Double> figures(String scenario, V variant, Measured<V> measured)
      throws Exception {
    try {
      return measured.of(variant);
    } catch (UnprovedException | IOException e) {
      throw new UnprovedException(what(scenario, variant) + ": " + e.getMessage());
    }
  }

  /** Those whose programs have done something. */
  private List<V> busy(List<Long> before, List<Long> after) {
    var busy = new ArrayList<V>();
    for (int i = 0; i < variants.size(); i++) {
      if (after.get(i) > before.get(i)) {
        busy.add(variants.get(i));
      }
    }
    return busy;
  }

  /** What a load has left in the sockets when it ended may take a moment to be used up. */
  private List<Long> settled(Proof proof) throws InterruptedException {
    var before = evidence(proof);
    for (int attempt = 0; attempt < SETTLING_ATTEMPTS; attempt++) {
      Thread.sleep(SETTLING_MILLIS);
      var after = evidence(proof);
      if (after.equals(before)) {
        return after;
      }
      before = after;
    }
    throw new UnprovedException(topic + ": connections that nobody uses go on sending");
  }

  private List<Long> evidence(Proof proof) {
    return variants.stream().map(variant -> variant.counters().map(proof::of).orElse(0L)).toList();
  }

  private String what(String scenario, V variant) {
    return "%s, %s, %s".formatted(topic, scenario, variant.name());
  }
}
