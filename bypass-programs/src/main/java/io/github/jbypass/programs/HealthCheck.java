// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfLink;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.LinkInfo;
import io.github.jbypass.core.NotCgroupException;
import io.github.jbypass.core.NotNetworkNamespaceException;
import io.github.jbypass.core.TcFilter;
import io.github.jbypass.programs.Health.Kind;
import io.github.jbypass.programs.Health.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Compares attachments with what they were when they were made. Thread-safe. */
final class HealthCheck {
  private final Map<Cgroup, Long> cgroups = new ConcurrentHashMap<>();
  private final Map<BpfLink, LinkInfo> links = new ConcurrentHashMap<>();

  /** From now on, this is one that has to stay. */
  void expect(Cgroup cgroup) {
    cgroups.put(cgroup, cgroup.id());
  }

  /** From now on, it has to stay as it is. */
  void expect(BpfLink link) {
    links.put(link, link.info());
  }

  /** How many attachments are looked after. */
  int size() {
    return links.size();
  }

  /**
   * What has changed.
   *
   * @throws IllegalStateException if a link is closed
   */
  List<Problem> problems() {
    var problems = new ArrayList<Problem>();
    var gone = new HashSet<Long>();
    cgroups.forEach(
        (cgroup, id) -> {
          try {
            if (isGone(cgroup, id)) {
              gone.add(id);
              problems.add(
                  new Problem(
                      Kind.CGROUP_GONE,
                      cgroup.toString(),
                      "it was removed, and what was attached to it with it"));
            }
          } catch (BpfException e) {
            problems.add(unknown(cgroup, e));
          }
        });
    links.forEach((link, expected) -> check(link, expected, gone).ifPresent(problems::add));
    return problems;
  }

  private static boolean isGone(Cgroup cgroup, long id) {
    try {
      return cgroup.id() != id;
    } catch (NotCgroupException e) {
      return true;
    }
  }

  private static Optional<Problem> check(BpfLink link, LinkInfo expected, Set<Long> gone) {
    if (expected.target() instanceof LinkInfo.OfCgroup(long id) && gone.contains(id)) {
      return Optional.empty(); // told once for the group
    }
    try {
      var now = link.info();
      return compare(link, now, expected.program(), expected.target());
    } catch (BpfException e) {
      return Optional.of(unknown(link, e));
    }
  }

  /** The same for a filter, whose device may have gone with its pod: that is no problem of ours. */
  static Optional<Problem> check(TcFilter filter, int program) {
    try {
      var now = filter.info();
      var there = new LinkInfo.OfDevice(filter.device().index());
      return compare(filter, now, program, there).filter(_ -> hasDevice(filter));
    } catch (NotNetworkNamespaceException e) {
      return Optional.empty();
    } catch (BpfException e) {
      return hasDevice(filter) ? Optional.of(unknown(filter, e)) : Optional.empty();
    }
  }

  private static boolean hasDevice(TcFilter filter) {
    try {
      var namespace = filter.device().namespace();
      return namespace.devices().stream()
          .anyMatch(device -> device.index() == filter.device().index());
    } catch (NotNetworkNamespaceException e) {
      return false;
    }
  }

  private static Optional<Problem> compare(
      BpfLink link, LinkInfo now, int program, LinkInfo.Target target) {
    if (!now.target().equals(target)) {
      return Optional.of(
          new Problem(
              Kind.DETACHED, link.toString(), "somebody detached it: load and attach anew"));
    }
    if (now.program() != program) {
      return Optional.of(
          new Problem(
              Kind.REPLACED,
              link.toString(),
              "program %d runs in the place of %d".formatted(now.program(), program)));
    }
    return Optional.empty();
  }

  private static Problem unknown(Object object, BpfException e) {
    return new Problem(Kind.UNKNOWN, object.toString(), String.valueOf(e.getMessage()));
  }
}
