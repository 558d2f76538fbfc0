// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.Verdict.DIFFERS;
import static io.github.jbypass.programs.Verdict.NOT_TRIED;
import static io.github.jbypass.programs.Verdict.OK;
import static io.github.jbypass.programs.Verdict.REFUSED;
import static io.github.jbypass.programs.Verdict.REPAIRED;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.Capabilities;
import io.github.jbypass.core.Capability;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.Helper;
import io.github.jbypass.core.KernelAbility;
import io.github.jbypass.core.KernelFeatures;
import io.github.jbypass.core.KernelVersion;
import io.github.jbypass.core.LibraryMissingException;
import io.github.jbypass.core.MapType;
import io.github.jbypass.core.ProgramType;
import io.github.jbypass.core.Support;
import io.github.jbypass.core.internal.Mounts;
import io.github.jbypass.core.internal.NativeCode;
import io.github.jbypass.core.internal.ProbeCalls;
import io.github.jbypass.programs.Finding.Area;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The kernel, this process and the file systems: what the data path needs of them. */
final class MachineChecks {
  private static final KernelVersion OLDEST = KernelVersion.of("5.15");
  private static final Path JIT = Path.of("/proc/sys/net/core/bpf_jit_enable");
  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final String MEMLOCK = "Max locked memory";

  private static final Set<Capability> NEEDED =
      EnumSet.of(Capability.CAP_BPF, Capability.CAP_NET_ADMIN, Capability.CAP_PERFMON);

  private MachineChecks() {}

  static List<Finding> all() {
    return List.of(
        kernel(),
        libbpf(),
        ability(
            "btf",
            KernelAbility.BTF,
            REFUSED,
            "the programs can't be fitted to this kernel",
            "a kernel with CONFIG_DEBUG_INFO_BTF"),
        features(),
        ability(
            "typed_cast",
            KernelAbility.TYPED_CAST,
            REPAIRED,
            "deciding over a message takes a little longer",
            "another variant of the program is loaded, which does without"),
        ability(
            "socket_map_link",
            KernelAbility.SOCKET_MAP_LINK,
            DIFFERS,
            "what decides over messages can't be pinned or swapped",
            "attached the old way, which ends with the process"),
        ability(
            "socket_map_iterator",
            KernelAbility.SOCKET_MAP_ITERATOR,
            REPAIRED,
            "./bypass flows tells nothing of sockets that no process has accepted yet",
            "another program finds the flows among the open files of all processes"),
        capabilities(),
        jit(),
        memlock(),
        groups(),
        pins());
  }

  static Finding finding(String check, Verdict verdict, String notice, String remedy) {
    return new Finding(Area.MACHINE, check, verdict, notice, remedy);
  }

  private static Finding kernel() {
    var release = System.getProperty("os.version") + ", " + System.getProperty("os.arch");
    return KernelVersion.running().compareTo(OLDEST) >= 0
        ? finding("kernel", OK, release, "")
        : finding(
            "kernel",
            DIFFERS,
            release + ": nobody has tried kernels before " + OLDEST,
            "what it can do decides, see below");
  }

  private static Finding libbpf() {
    return NativeCode.problem()
        .map(problem -> finding("libbpf", REFUSED, problem, "nothing can be loaded"))
        .orElseGet(
            () ->
                finding(
                    "libbpf", OK, ProbeCalls.libbpfVersion().orElse("its version is secret"), ""));
  }

  private static Finding ability(
      String check, KernelAbility ability, Verdict without, String loss, String remedy) {
    return switch (ask(() -> KernelFeatures.ability(ability))) {
      case Support.Yes _ -> finding(check, OK, "there", "");
      case Support.No no -> finding(check, without, loss + ": " + no.reason(), remedy);
      case Support.Unknown unknown -> finding(check, NOT_TRIED, unknown.reason(), "");
    };
  }

  private static Finding features() {
    var missing = new ArrayList<String>();
    var unknown = new ArrayList<String>();
    needed()
        .forEach(
            (name, probe) -> {
              switch (ask(probe)) {
                case Support.Yes _ -> {}
                case Support.No no -> missing.add(name + " (" + no.reason() + ")");
                case Support.Unknown reason -> unknown.add(reason.reason());
              }
            });
    if (!missing.isEmpty()) {
      return finding(
          "bpf_features",
          REFUSED,
          "the kernel lacks " + String.join(", ", missing),
          "nothing can be loaded");
    }
    return unknown.isEmpty()
        ? finding(
            "bpf_features", OK, "all that is needed: " + String.join(", ", needed().keySet()), "")
        : finding("bpf_features", NOT_TRIED, unknown.getFirst(), "");
  }

  private static Map<String, Supplier<Support>> needed() {
    var needed = new LinkedHashMap<String, Supplier<Support>>();
    for (var type : List.of(MapType.SOCKHASH, MapType.LRU_HASH, MapType.LPM_TRIE)) {
      needed.put(type.toString(), () -> KernelFeatures.mapType(type));
    }
    for (var type : List.of(ProgramType.SOCK_OPS, ProgramType.SK_MSG, ProgramType.SK_SKB)) {
      needed.put(type.toString(), () -> KernelFeatures.programType(type));
    }
    needed.put(
        Helper.GET_NETNS_COOKIE.toString(),
        () -> KernelFeatures.helper(ProgramType.SOCK_OPS, Helper.GET_NETNS_COOKIE));
    needed.put("BPF_LINK", () -> KernelFeatures.ability(KernelAbility.BPF_LINK));
    needed.put("MMAPABLE_ARRAY", () -> KernelFeatures.ability(KernelAbility.MMAPABLE_ARRAY));
    return needed;
  }

  private static Support ask(Supplier<Support> probe) {
    try {
      return probe.get();
    } catch (LibraryMissingException e) {
      return new Support.Unknown("it takes libbpf");
    }
  }

  private static Finding capabilities() {
    var current = Capabilities.current();
    if (current.userNamespace()) {
      return finding(
          "capabilities",
          REFUSED,
          "those of a user namespace do not count for BPF",
          "run it outside");
    }
    var missing = current.missing(NEEDED);
    if (!missing.isEmpty()) {
      return finding(
          "capabilities",
          REFUSED,
          missing.stream()
              .map(one -> "without " + one + " no " + one.prevents())
              .collect(Collectors.joining("; ")),
          "run it as root, or see docs/privileges.md for what a service needs");
    }
    return current.has(Capability.CAP_SYS_ADMIN)
        ? finding("capabilities", OK, "all", "")
        : finding(
            "capabilities",
            DIFFERS,
            "without CAP_SYS_ADMIN no pods that have a network namespace, no ./bypass flows, and no"
                + " look at the maps of others",
            "redirecting does not need it");
  }

  private static Finding jit() {
    try {
      return Files.readString(JIT).strip().equals("0")
          ? finding(
              "jit",
              DIFFERS,
              "programs are interpreted, several times slower",
              "sysctl net.core.bpf_jit_enable=1")
          : finding("jit", OK, "on", "");
    } catch (NoSuchFileException e) {
      return finding("jit", NOT_TRIED, "only the first network namespace has " + JIT, "");
    } catch (IOException e) {
      return finding("jit", NOT_TRIED, JIT + " can't be read by this user", "");
    }
  }

  /** It limited BPF before kernel 5.11. */
  private static Finding memlock() {
    return switch (ask(() -> KernelFeatures.ability(KernelAbility.MEMCG_ACCOUNTING))) {
      case Support.Yes _ ->
          finding(
              "memlock", OK, "RLIMIT_MEMLOCK does not matter: maps are charged to the group", "");
      case Support.Unknown unknown -> finding("memlock", NOT_TRIED, unknown.reason(), "");
      case Support.No _ ->
          lockedMemory().equals("unlimited")
              ? finding("memlock", OK, "RLIMIT_MEMLOCK is unlimited", "")
              : finding(
                  "memlock",
                  DIFFERS,
                  "maps count against RLIMIT_MEMLOCK, which is " + lockedMemory(),
                  "LimitMEMLOCK=infinity of systemd, or ulimit -l unlimited");
    };
  }

  private static String lockedMemory() {
    return Mounts.lines(LIMITS.toFile()).stream()
        .filter(line -> line.startsWith(MEMLOCK))
        .map(line -> line.substring(MEMLOCK.length()).strip().split(" +")[0])
        .findFirst()
        .orElse("not to be seen");
  }

  private static Finding groups() {
    try {
      return finding("cgroup_v2", OK, "mounted at " + Cgroup.mountPoint(), "");
    } catch (BpfException e) {
      return finding("cgroup_v2", REFUSED, "not mounted", String.valueOf(e.getMessage()));
    }
  }

  private static Finding pins() {
    var mounted = Mounts.of("bpf");
    var writable = mounted.stream().filter(Files::isWritable).toList();
    if (!writable.isEmpty()) {
      return finding("bpffs", OK, "writable at " + words(writable), "");
    }
    return finding(
        "bpffs",
        DIFFERS,
        mounted.isEmpty()
            ? "not mounted: nothing can be pinned, so the data path ends with its process"
            : "not writable at " + words(mounted) + ": nothing can be pinned there by this user",
        "only for pins: mount -t bpf bpf /sys/fs/bpf, or see docs/privileges.md");
  }

  private static String words(List<Path> paths) {
    return paths.stream().map(Path::toString).collect(Collectors.joining(", "));
  }
}
