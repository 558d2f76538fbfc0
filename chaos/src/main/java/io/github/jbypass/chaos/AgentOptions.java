// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How an agent is started.
 *
 * @param pins whether the data path outlives it
 * @param more arguments of its command line
 */
record AgentOptions(int maxConnections, boolean pins, PodChoice pods, List<String> more) {
  /** Fewer than there are connections. */
  static final int FEW = 40;

  private static final int ENOUGH = 4096;

  /** As operators have it. */
  static AgentOptions usual() {
    return new AgentOptions(ENOUGH, true, PodChoice.ALL, List.of());
  }

  static AgentOptions withFewConnections() {
    return new AgentOptions(FEW, true, PodChoice.ALL, List.of());
  }

  /** The data path ends with the agent. */
  static AgentOptions withoutPins() {
    return new AgentOptions(ENOUGH, false, PodChoice.ALL, List.of());
  }

  /** Another policy, by other programs for the same maps. */
  static AgentOptions any(RandomGenerator random) {
    var more =
        switch (random.nextInt(5)) {
          case 0 -> List.of("--exclude-ports", "9000-9001");
          case 1 -> List.of("--exclude-cidrs", "127.0.0.0/8");
          case 2 -> List.of("--queue-limit", "16KiB");
          case 3 -> List.of("--enrol-short-connections");
          default -> List.<String>of();
        };
    return new AgentOptions(ENOUGH, true, PodChoice.any(random), more);
  }
}
