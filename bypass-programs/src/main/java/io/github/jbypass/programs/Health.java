// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import java.util.List;
import java.util.Locale;

/**
 * Whether everything that {@link Bypass#attach} attached is still in its place. What has come loose
 * does not come back by itself: close, then load and attach anew. Established connections lose
 * nothing meanwhile, they go over TCP. Immutable.
 *
 * @param isEnabled whether redirecting is switched on; off is no problem, somebody wanted it so
 * @param problems what is not as it should be; empty if all is well
 */
public record Health(boolean isEnabled, List<Problem> problems) {
  /** What can be wrong. */
  public enum Kind {
    /** It is not attached yet: call {@link Bypass#attach}. */
    NOT_ATTACHED,
    /** It is closed. */
    CLOSED,
    /** A control group was removed; one of that name that is made later is another. */
    CGROUP_GONE,
    /** Somebody detached a program, or removed a filter from a pod's interface. */
    DETACHED,
    /** Another program runs in the place of ours. */
    REPLACED,
    /** The kernel does not answer. */
    UNKNOWN
  }

  /**
   * Something that is wrong.
   *
   * @param kind in which way
   * @param object what is concerned
   * @param explanation what follows from it
   */
  public record Problem(Kind kind, String object, String explanation) {
    /** In one line. */
    @Override
    public String toString() {
      return "%s: %s: %s"
          .formatted(
              kind.name().toLowerCase(Locale.ROOT), object, explanation.replaceAll("\\s+", " "));
    }
  }

  /** Copies the problems. */
  public Health {
    problems = List.copyOf(problems);
  }

  /** {@return whether there is no problem} */
  public boolean isHealthy() {
    return problems.isEmpty();
  }
}
