// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.telling;

import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.Health.Problem;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Has each problem in the log once, and its end. For use by one thread. */
public final class HealthWatch {
  private final Bypass bypass;
  private Set<Problem> known = Set.of();

  public HealthWatch(Bypass bypass) {
    this.bypass = bypass;
  }

  /** Looks whether anything has changed. */
  public void look() {
    Set<Problem> now = new HashSet<>(bypass.health().problems());
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
