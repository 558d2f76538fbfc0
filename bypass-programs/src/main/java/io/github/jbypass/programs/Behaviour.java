// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.AttachType;
import io.github.jbypass.core.AttachedProgram;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.internal.TrialSocket;
import io.github.jbypass.core.internal.TrialSocket.Kind;
import io.github.jbypass.programs.Finding.Area;
import io.github.jbypass.programs.Trial.Different;
import io.github.jbypass.programs.Trial.Impossible;
import io.github.jbypass.programs.Trial.LeftToTcp;
import io.github.jbypass.programs.Trial.Measured;
import io.github.jbypass.programs.Trial.Outcome;
import io.github.jbypass.programs.Trial.Same;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What applications see: every trial on plain TCP first, then with connections redirected. */
final class Behaviour {
  private static final List<Trial> TRIALS =
      Stream.of(StreamTrials.all(), ReadinessTrials.all(), ReadTrials.all(), WriteTrials.all())
          .flatMap(List::stream)
          .toList();

  private final Bypass bypass;
  private final boolean isPlainTcpKnown;
  private final FionreadProbe.Counted unrepaired;

  private Behaviour(Bypass bypass, boolean isPlainTcpKnown) {
    this.bypass = bypass;
    this.isPlainTcpKnown = isPlainTcpKnown;
    unrepaired = FionreadProbe.unrepaired(bypass.object());
  }

  /** The same findings without having tried anything. */
  static List<Finding> untried(String reason) {
    return TRIALS.stream().map(trial -> finding(trial, Verdict.NOT_TRIED, reason, "")).toList();
  }

  /**
   * Tries everything.
   *
   * @param bypass loaded for a group that this process is alone in; is attached
   * @param group that group
   */
  static List<Finding> tried(Bypass bypass, Cgroup group) {
    boolean alone = AttachedProgram.effective(group, AttachType.CGROUP_SOCK_OPS).isEmpty();
    var onTcp = new LinkedHashMap<Trial, Outcome>();
    for (var trial : TRIALS) {
      try (var path = TrialPath.plain()) {
        onTcp.put(trial, attempt(trial, path));
      }
    }
    try (var earlier = TrialSocket.connect(Kind.IPV4)) {
      return new Behaviour(bypass.attach(), alone).compare(onTcp, earlier);
    }
  }

  private List<Finding> compare(Map<Trial, Outcome> onTcp, TrialSocket.Pair earlier) {
    var findings = new ArrayList<Finding>();
    onTcp.forEach(
        (trial, plain) -> {
          try (var path = TrialPath.redirected(bypass, earlier)) {
            long before = path.redirected();
            var outcome = attempt(trial, path);
            boolean redirected = path.redirected() > before;
            findings.add(judge(trial, isPlainTcpKnown ? plain : null, outcome, redirected));
          }
        });
    return findings;
  }

  private static Outcome attempt(Trial trial, TrialPath path) {
    if (Thread.currentThread().isInterrupted()) {
      throw new IllegalStateException("interrupted");
    }
    try {
      return trial.experiment().on(path);
    } catch (UncheckedIOException e) {
      return new Different(String.valueOf(e.getMessage()));
    }
  }

  private Finding judge(
      Trial trial, @Nullable Outcome plain, Outcome outcome, boolean wasRedirected) {
    if (plain instanceof Impossible(String why)) {
      return finding(trial, Verdict.NOT_TRIED, why, "");
    }
    if (plain instanceof Different(String seen)) {
      return finding(trial, Verdict.NOT_TRIED, "plain TCP fails here: " + seen, "");
    }
    return switch (outcome) {
      case Impossible(String why) -> finding(trial, Verdict.NOT_TRIED, why, "");
      case LeftToTcp(String seen) ->
          finding(trial, Verdict.EXCLUDED, seen, "such connections are not enrolled");
      case Different(String seen) -> differs(trial, seen);
      case Outcome _ when !wasRedirected ->
          finding(trial, Verdict.NOT_TRIED, "nothing was redirected: " + bypass.counters(), "");
      case Same(String seen) -> same(trial, seen);
      case Measured(String seen) when plain == null ->
          finding(trial, Verdict.NOT_TRIED, seen + "; there is no plain TCP to compare with", "");
      case Measured(String seen) ->
          seen.equals(plain.seen())
              ? same(trial, seen)
              : differs(trial, seen + "; on plain TCP " + plain.seen());
    };
  }

  private static Finding differs(Trial trial, String seen) {
    var verdict = trial.essential() ? Verdict.REFUSED : Verdict.DIFFERS;
    return finding(trial, verdict, seen, trial.remedy());
  }

  private Finding same(Trial trial, String seen) {
    boolean needsRepair =
        switch (trial.check()) {
          case ReadinessTrials.FIONREAD_REDIRECTED -> !unrepaired.redirected();
          case ReadinessTrials.FIONREAD_TCP -> !unrepaired.tcp();
          default -> false;
        };
    return needsRepair
        ? finding(
            trial,
            Verdict.REPAIRED,
            seen,
            "the kernel alone does not: another program puts all bytes in one queue")
        : finding(trial, Verdict.OK, seen, "");
  }

  private static Finding finding(Trial trial, Verdict verdict, String notice, String remedy) {
    return new Finding(Area.BEHAVIOUR, trial.check(), verdict, notice, remedy);
  }
}
