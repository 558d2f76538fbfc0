// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.telling;

import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.Health;
import io.github.jbypass.programs.Health.Problem;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Has each problem in the log once, and its end; likewise that redirecting is switched. For use by
 * one thread.
 */
public final class HealthWatch {
  private final Bypass bypass;
  private Set<Problem> known = Set.of();

  private boolean enabled;

  public HealthWatch(Bypass bypass) {
    this.bypass = bypass;
    enabled = bypass.isEnabled();
  }

  /** Looks whether anything has changed. */
  public void look() {
    Health health = bypass.health();
    if (health.isEnabled() != enabled) { // by another process: this one switches nothing
      enabled = health.isEnabled();
      Log.info("switched", Map.of("enabled", enabled));
    }
    Set<Problem> now = new HashSet<>(health.problems());
    for (Problem problem : now) {
      if (!known.contains(problem)) {
        Log.warning("unhealthy", Map.of("problem", problem.toString()));
      }
    }
    if (now.isEmpty() && !known.isEmpty()) {
      Log.info("healthy", Map.of());
    }
    known = now;
  }
}
