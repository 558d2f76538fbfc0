// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.NativeCode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Everything about this machine that decides whether BPF programs run on it: for people who look
 * for a fault, and for programs that choose a machine. Immutable, thread-safe.
 *
 * <p>Works without privileges and without libbpf: what can't be found out then is said so, with the
 * reason. Takes up to a second the first time.
 */
public final class KernelReport {
  private static final int WIDTH = 98;

  /** The types of program whose helpers are listed: those that have to do with sockets. */
  private static final Set<ProgramType> CALLERS =
      EnumSet.of(
          ProgramType.SOCK_OPS,
          ProgramType.SK_MSG,
          ProgramType.SK_SKB,
          ProgramType.CGROUP_SOCK_ADDR,
          ProgramType.CGROUP_SOCKOPT,
          ProgramType.SCHED_CLS);

  private final Map<String, String> facts = KernelFacts.collect();
  private final Capabilities capabilities = Capabilities.current();
  private final Map<String, Map<String, Support>> features = new LinkedHashMap<>();

  private KernelReport() {
    var maps = EnumSet.complementOf(EnumSet.of(MapType.OTHER));
    var programs = EnumSet.complementOf(EnumSet.of(ProgramType.OTHER));
    ask("abilities", EnumSet.allOf(KernelAbility.class), KernelFeatures::ability);
    ask("map types", maps, KernelFeatures::mapType);
    ask("program types", programs, KernelFeatures::programType);
    var attachments = EnumSet.complementOf(EnumSet.of(AttachType.OTHER));
    ask("attach types", attachments, KernelFeatures::attachType);
    for (var type : CALLERS) {
      ask(
          "helpers of " + type,
          EnumSet.allOf(Helper.class),
          helper -> KernelFeatures.helper(type, helper));
    }
  }

  /**
   * Looks at this machine.
   *
   * @return the report
   */
  public static KernelReport create() {
    return new KernelReport();
  }

  private <E extends Enum<E>> void ask(
      String category, Set<E> questions, Function<E, Support> probe) {
    var problem = NativeCode.problem();
    var answers = new LinkedHashMap<String, Support>();
    for (var question : questions) {
      answers.put(
          question.name(),
          problem.isPresent() ? new Support.Unknown(problem.get()) : probe.apply(question));
    }
    features.put(category, answers);
  }

  /**
   * {@return the report for people: facts, then what there is, what there is not and why} Helpers
   * that are not meant for a type of program are left out.
   */
  public String text() {
    var out = new StringBuilder();
    facts.forEach((name, value) -> out.append("%-18s %s%n".formatted(name, value)));
    out.append("%-18s %s%n".formatted("capabilities", indent(capabilities.toString())));
    features.forEach(
        (category, answers) -> {
          out.append("%n%s%n".formatted(category));
          groups(answers).forEach((answer, names) -> wrap(answer + ": ", names, out));
        });
    return out.toString();
  }

  /**
   * {@return the report for programs: an object with the members {@code facts}, {@code
   * capabilities} and {@code features}} A feature has a {@code support} of "yes", "no" or
   * "unknown"; a {@code since} with the first version of the kernel, if it is missing; and a {@code
   * reason}, unless it is there.
   */
  public String json() {
    var categories = new LinkedHashMap<String, Object>();
    features.forEach(
        (category, answers) -> {
          var described = new LinkedHashMap<String, Object>();
          answers.forEach((name, support) -> described.put(name, describe(support)));
          categories.put(category, described);
        });
    var all = new LinkedHashMap<String, Object>();
    all.put("facts", facts);
    all.put("capabilities", describe(capabilities));
    all.put("features", categories);
    return Json.of(all);
  }

  @Override
  public String toString() {
    return text();
  }

  private static Map<String, ?> describe(Capabilities capabilities) {
    var described = new LinkedHashMap<String, Object>();
    described.put("effective", capabilities.effective());
    described.put("userNamespace", capabilities.userNamespace());
    var missing = new LinkedHashMap<String, String>();
    for (var one : capabilities.missing(EnumSet.allOf(Capability.class))) {
      missing.put(one.name(), one.prevents());
    }
    described.put("missing", missing);
    return described;
  }

  private static Map<String, ?> describe(Support support) {
    var described = new LinkedHashMap<String, Object>();
    switch (support) {
      case Support.Yes _ -> described.put("support", "yes");
      case Support.No no -> {
        described.put("support", "no");
        no.minimum().ifPresent(minimum -> described.put("since", minimum));
        described.put("reason", no.reason());
      }
      case Support.Unknown unknown -> {
        described.put("support", "unknown");
        described.put("reason", unknown.reason());
      }
    }
    return described;
  }

  /** What has the same answer stands together, first what there is. */
  private static Map<String, List<String>> groups(Map<String, Support> answers) {
    var groups = new LinkedHashMap<String, List<String>>();
    groups.put(Probe.YES.toString(), new ArrayList<>());
    answers.forEach(
        (name, support) -> {
          if (!(support instanceof Support.No no && no.minimum().isEmpty())) {
            groups
                .computeIfAbsent(support.toString(), _ -> new ArrayList<>())
                .add(name.toLowerCase(Locale.ROOT));
          }
        });
    return groups;
  }

  private static void wrap(String title, List<String> names, StringBuilder out) {
    var line = new StringBuilder("  ").append(title);
    for (var name : names) {
      if (line.length() + name.length() > WIDTH) {
        out.append(line.toString().stripTrailing()).append('\n');
        line = new StringBuilder("    ");
      }
      line.append(name).append(' ');
    }
    out.append(line.toString().stripTrailing()).append('\n');
  }

  private static String indent(String lines) {
    return lines.replace("\n", "\n" + " ".repeat(19));
  }
}
