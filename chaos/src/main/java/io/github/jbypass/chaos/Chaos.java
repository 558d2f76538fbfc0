// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import io.github.jbypass.chaos.ends.Route;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Has actions happen to a scene for a time, in an order that follows from a seed, then looks
 * whether every byte arrived and nothing is left behind.
 */
final class Chaos {
  private static final int LONGEST_PAUSE = 1500;
  private static final Duration WARM_UP = Duration.ofSeconds(3);

  private final long seed;
  private final int connections;
  private final Duration time;
  private final List<Action> actions;
  private final PrintStream log;
  private final Map<Action, Integer> performed = new EnumMap<>(Action.class);
  private final long start = System.nanoTime();

  /**
   * Describes a run.
   *
   * @param actions what happens, again and again in another order
   */
  Chaos(long seed, int connections, Duration time, List<Action> actions, PrintStream log) {
    this.seed = seed;
    this.connections = connections;
    this.time = time;
    this.actions = List.copyOf(actions);
    this.log = log;
  }

  /**
   * Runs it.
   *
   * @param cast whose programs run
   * @throws ChaosException if a byte got lost, overtaken or astray, or something is left behind
   */
  void run(Cast cast) throws InterruptedException {
    say("seed %d, %d connections, %d s".formatted(seed, connections, time.toSeconds()));
    try (var scene = new Scene(seed, cast)) {
      scene.startAgent(AgentOptions.usual());
      scene.openConnections(connections);
      Thread.sleep(WARM_UP);
      rage(scene);
      calm(scene);
      scene.finish();
      say(scene.ledger().summary());
      say("not forwarded by the sidecar: " + scene.notForwarded());
      scene.checkEntries();
      scene.uninstall();
      scene.startAgent(
          AgentOptions.usual()); // removes filters that earlier ones left to connections
      scene.uninstall();
      scene.checkLeftovers();
      say(
          "%d messages redirected, %d ends left to TCP by full maps; actions %s"
              .formatted(scene.redirected(), scene.refusedFull(), performed));
      requireThatItMattered(scene);
    }
  }

  private void rage(Scene scene) throws InterruptedException {
    var random = new Random(seed);
    long end = System.nanoTime() + time.toNanos();
    var deck = new ArrayList<Action>();
    while (System.nanoTime() < end && !actions.isEmpty()) {
      if (deck.isEmpty()) {
        deck.addAll(actions);
        Collections.shuffle(deck, random);
      }
      var action = deck.removeLast();
      say(action.toString());
      // of its own, so that what one action draws does not change the next
      action.perform(scene, new Random(random.nextLong()));
      performed.merge(action, 1, Integer::sum);
      Action.pause(random, LONGEST_PAUSE);
      scene.check();
    }
    if (actions.isEmpty()) {
      Thread.sleep(time);
      scene.check();
    }
  }

  private void calm(Scene scene) throws InterruptedException {
    if (scene.agent().isEmpty()) {
      scene.startAgent(AgentOptions.usual());
    }
    Thread.sleep(WARM_UP);
    scene.check();
  }

  /** A run in which nothing was redirected would prove nothing. */
  private void requireThatItMattered(Scene scene) {
    for (var route : Route.values()) {
      if (scene.ledger().whole(route) == 0) {
        throw new ChaosException("no connection came to its end: " + route);
      }
    }
    if (scene.redirected() == 0) {
      throw new ChaosException("nothing was redirected");
    }
    if (performed.containsKey(Action.FILL_MAPS) && scene.refusedFull() == 0) {
      throw new ChaosException("the maps were never full, or the counter does not tell");
    }
  }

  private void say(String what) {
    log.printf("%7.1f  %s%n", (System.nanoTime() - start) / 1e9, what);
  }
}
