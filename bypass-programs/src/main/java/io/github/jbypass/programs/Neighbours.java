// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.AttachType;
import io.github.jbypass.core.AttachedProgram;
import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.MapType;
import io.github.jbypass.core.PrivilegeException;
import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.IdCalls;
import io.github.jbypass.programs.Finding.Area;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Programs and maps of others that have to do with the same control group, or with sockets. */
final class Neighbours {
  /** Where our programs are attached, and what it means that others are there as well. */
  private static final Map<String, List<AttachType>> PLACES = new LinkedHashMap<>();

  static {
    PLACES.put("sock_ops_programs", List.of(AttachType.CGROUP_SOCK_OPS));
    PLACES.put(
        "connect_programs",
        List.of(AttachType.CGROUP_INET4_CONNECT, AttachType.CGROUP_INET6_CONNECT));
    PLACES.put("bind_programs", List.of(AttachType.CGROUP_INET4_BIND));
    PLACES.put(
        "udp_programs",
        List.of(
            AttachType.CGROUP_UDP4_SENDMSG,
            AttachType.CGROUP_UDP6_SENDMSG,
            AttachType.CGROUP_UDP4_RECVMSG,
            AttachType.CGROUP_UDP6_RECVMSG));
    PLACES.put("getsockopt_programs", List.of(AttachType.CGROUP_GETSOCKOPT));
    PLACES.put(
        "getpeername_programs",
        List.of(AttachType.CGROUP_INET4_GETPEERNAME, AttachType.CGROUP_INET6_GETPEERNAME));
  }

  private final @Nullable Cgroup group;

  /** Numbers of the type information of those that are ours; likewise of their maps. */
  private final Set<Integer> ours = new HashSet<>();

  private final Set<Integer> ourMaps = new HashSet<>();
  private @Nullable String hidden; // why the above are not known

  private Neighbours(@Nullable Cgroup group) {
    this.group = group;
  }

  /**
   * Looks round.
   *
   * @param group whose programs are looked at, and those of the groups above; null if there is none
   */
  static List<Finding> of(@Nullable Cgroup group) {
    var neighbours = new Neighbours(group);
    var findings = new ArrayList<Finding>();
    findings.add(neighbours.agents());
    PLACES.forEach((check, types) -> findings.add(neighbours.programs(check, types)));
    findings.add(neighbours.socketMaps());
    return findings;
  }

  private static Finding finding(String check, Verdict verdict, String notice, String remedy) {
    return new Finding(Area.NEIGHBOURS, check, verdict, notice, remedy);
  }

  private static Finding untried(String check, String reason) {
    return finding(check, Verdict.NOT_TRIED, reason, "");
  }

  private Finding agents() {
    List<RunningBypass> all;
    try {
      all = RunningBypass.find();
    } catch (BpfException e) {
      hidden = String.valueOf(e.getMessage());
      return untried("agents", hidden);
    }
    try {
      all.forEach(one -> ours.add(one.id()));
      addOurMaps();
      var numbers = all.stream().map(one -> Integer.toString(one.id())).toList();
      return finding(
          "agents",
          Verdict.OK,
          all.isEmpty() ? "none runs" : "running, by their number: " + String.join(", ", numbers),
          "");
    } finally {
      all.forEach(RunningBypass::close);
    }
  }

  private void addOurMaps() {
    int next;
    for (int last = 0; (next = IdCalls.nextProgram(last)) > 0; last = next) {
      try (var program = BpfProgram.openById(next)) {
        var info = program.info();
        if (ours.contains(info.btfId())) {
          ourMaps.addAll(info.mapIds());
        }
      } catch (BpfException e) {
        if (e.errno() != Errno.ENOENT) { // just unloaded
          throw e;
        }
      }
    }
  }

  private Finding programs(String check, List<AttachType> types) {
    if (group == null) {
      return untried(check, "this process is in no cgroup v2");
    }
    var found = new TreeMap<Integer, String>();
    boolean agent = false;
    try {
      for (var type : types) {
        for (var attached : AttachedProgram.effective(group, type)) {
          var described = describe(attached.program());
          agent |= described.ours;
          found.put(attached.program(), described.text + " (" + type.name().substring(7) + ")");
        }
      }
    } catch (PrivilegeException e) {
      return untried(check, "it takes CAP_NET_ADMIN to list them");
    } catch (BpfException e) {
      return untried(check, String.valueOf(e.getMessage()));
    }
    if (found.isEmpty()) {
      return finding(check, Verdict.OK, "none on " + group + " or above", "");
    }
    return finding(
        check,
        Verdict.DIFFERS,
        "on %s or above: %s".formatted(group, String.join(", ", found.values())),
        agent ? agentRemedy(check) : remedy(check));
  }

  private static String agentRemedy(String check) {
    return check.equals("sock_ops_programs")
        ? "an agent serves this group already: of two, the upper one gets no connections here"
        : remedy(check);
  }

  private static String remedy(String check) {
    return switch (check) {
      case "sock_ops_programs" ->
          "all of them run; connections that another one enrols first stay its";
      case "connect_programs", "udp_programs" ->
          "all of them run; where two of them change an address, the last one has its way: intercept"
              + " with one alone";
      case "getsockopt_programs" -> "all of them run; answers that another program has given stay";
      default -> "all of them run";
    };
  }

  private record Description(String text, boolean ours) {}

  private Description describe(int id) {
    try (var program = BpfProgram.openById(id)) {
      var info = program.info();
      boolean own = ours.contains(info.btfId());
      return new Description(info.name() + (own ? " of jbypass" : "") + " " + id, own);
    } catch (BpfException e) { // it takes CAP_SYS_ADMIN, or is gone
      return new Description("program " + id, false);
    }
  }

  private Finding socketMaps() {
    if (hidden != null) {
      return untried("socket_maps", hidden);
    }
    var others = new ArrayList<String>();
    int next;
    for (int last = 0; (next = IdCalls.nextMap(last)) > 0; last = next) {
      try (var map = BpfMap.openById(next)) {
        boolean holdsSockets = map.type() == MapType.SOCKMAP || map.type() == MapType.SOCKHASH;
        if (holdsSockets && !ourMaps.contains(next)) {
          others.add("%s %s %d".formatted(map.type(), map.name(), next));
        }
      } catch (BpfException e) {
        if (e.errno() != Errno.ENOENT) {
          return untried("socket_maps", String.valueOf(e.getMessage()));
        }
      }
    }
    if (next != -Errno.ENOENT) {
      return untried("socket_maps", "listing maps: " + Errno.meaning(-next));
    }
    return others.isEmpty()
        ? finding("socket_maps", Verdict.OK, "none but those of running agents", "")
        : finding(
            "socket_maps",
            Verdict.DIFFERS,
            "others can hold sockets: " + others.stream().collect(Collectors.joining(", ")),
            "a socket can be in one alone: those that are there stay on TCP, counted as"
                + " refused_kernel");
  }
}
