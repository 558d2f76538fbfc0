// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.CheckFailedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what redirecting would do on this machine, before it is switched on for anybody: what
 * the kernel and this process can do, which programs of others are in the way, and what
 * applications would notice, tried with real sockets and the real programs.
 *
 * <p>
 *
 * {@snippet :
 * var diagnosis = Doctor.examine();
 * System.out.println(diagnosis.works());
 * for (var finding : diagnosis.findings()) {
 *   System.out.println(finding.check() + ": " + finding.verdict() + ", " + finding.notice());
 * }
 * }
 *
 * <p><strong>Moves the calling process</strong>, for some seconds, into a control group of its own
 * and back: run it in a process that does nothing else, as {@code ./bypass doctor} is one. No other
 * process is touched. Nothing is left behind, whether it returns or throws.
 *
 * <p>Works without any privilege, and tells then what is missing. Takes some seconds. One thread at
 * a time in a process.
 */
public final class Doctor {
  private static final int FEW_CONNECTIONS = 1024;

  private final @Nullable Cgroup group;
  private final List<Cgroup> parents;

  private Doctor(@Nullable Cgroup group, List<Cgroup> parents) {
    this.group = group;
    this.parents = parents;
  }

  /**
   * Examines this machine, and who else has programs on the control group of this process.
   *
   * @return the findings
   * @throws IllegalStateException if the thread is interrupted
   */
  public static synchronized Diagnosis examine() {
    return examine(orNone(Cgroup::ofThisProcess));
  }

  /**
   * Examines this machine, and who else has programs on a control group.
   *
   * @param group where it is planned to attach
   * @return the findings
   * @throws IllegalStateException if the thread is interrupted
   */
  public static synchronized Diagnosis examine(Cgroup group) {
    return examine(Optional.of(group));
  }

  private static Diagnosis examine(Optional<Cgroup> group) {
    var parents = orNone(TemporaryGroup::usualParents);
    return examine(group.orElse(null), parents.orElse(List.of()));
  }

  /** Examines with a temporary group below one of these. */
  static Diagnosis examine(@Nullable Cgroup group, List<Cgroup> parents) {
    return new Doctor(group, parents).examination();
  }

  private static <T> Optional<T> orNone(Supplier<T> group) {
    try {
      return Optional.of(group.get());
    } catch (BpfException e) {
      return Optional.empty(); // which a finding tells
    }
  }

  private Diagnosis examination() {
    var findings = new ArrayList<>(MachineChecks.all());
    var neighbours = Neighbours.of(group);
    findings.addAll(load());
    findings.addAll(neighbours);
    // by area: the programs were loaded before anything was tried with them
    findings.sort((a, b) -> a.area().compareTo(b.area()));
    return new Diagnosis(findings);
  }

  /** Loads the programs, and tries them where this process can have a group of its own. */
  private List<Finding> load() {
    if (parents.isEmpty()) {
      return unloaded(Verdict.NOT_TRIED, "there is no cgroup v2");
    }
    TemporaryGroup temporary;
    try {
      temporary = TemporaryGroup.below(parents);
    } catch (BpfException e) {
      return loaded(parents.getFirst(), e);
    }
    try (temporary) {
      return loaded(temporary.group(), null);
    }
  }

  /**
   * The same in a group.
   *
   * @param noGroup why it is not one that things can be tried in
   */
  private static List<Finding> loaded(Cgroup place, @Nullable BpfException noGroup) {
    var findings = new ArrayList<Finding>();
    findings.add(
        noGroup == null
            ? MachineChecks.finding("temporary_group", Verdict.OK, place + ", removed again", "")
            : MachineChecks.finding(
                "temporary_group",
                Verdict.NOT_TRIED,
                String.valueOf(noGroup.getMessage()),
                "only the doctor needs one: an agent attaches to groups that it can read"));
    try (var bypass = tryToLoad(place, findings)) {
      findings.addAll(
          noGroup == null
              ? Behaviour.tried(bypass, place)
              : Behaviour.untried("no cgroup can be made to try it in"));
    } catch (BpfException e) {
      return unloaded(findings, Verdict.REFUSED, String.valueOf(e.getMessage()));
    }
    return findings;
  }

  /** By force, if it comes to that: what fails then shall be seen. */
  private static Bypass tryToLoad(Cgroup place, List<Finding> findings) {
    var builder =
        Bypass.builder().cgroup(place).maxConnections(FEW_CONNECTIONS).enrolShortConnections();
    try {
      var bypass = builder.load();
      findings.add(
          MachineChecks.finding(
              "load", Verdict.OK, "the programs load; order, room and redirecting hold", ""));
      return bypass;
    } catch (CheckFailedException e) {
      findings.add(loadRefused(String.valueOf(e.getMessage())));
      return builder.force().load();
    }
  }

  private static Finding loadRefused(String reason) {
    return MachineChecks.finding("load", Verdict.REFUSED, reason, "the programs are not attached");
  }

  private static List<Finding> unloaded(Verdict verdict, String reason) {
    return unloaded(
        List.of(MachineChecks.finding("temporary_group", Verdict.NOT_TRIED, reason, "")),
        verdict,
        reason);
  }

  private static List<Finding> unloaded(List<Finding> before, Verdict verdict, String reason) {
    var findings = new ArrayList<>(before);
    findings.removeIf(finding -> !finding.check().equals("temporary_group"));
    findings.add(
        verdict == Verdict.REFUSED
            ? loadRefused(reason)
            : MachineChecks.finding("load", verdict, reason, ""));
    findings.addAll(Behaviour.untried("the programs are not loaded"));
    return findings;
  }
}
