// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.examples.docs.Page;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * As whom docs/privileges.md has the agent run, taken from the page itself.
 *
 * @param capabilities by their kernel names
 * @param ambient whether the user gets them as ambient ones; else they are just not taken from root
 * @param arguments of the agent
 */
record Confinement(int user, Set<String> capabilities, boolean ambient, List<String> arguments) {
  private static final Map<String, Integer> NUMBERS =
      Map.of("CAP_NET_ADMIN", 12, "CAP_SYS_ADMIN", 21, "CAP_PERFMON", 38, "CAP_BPF", 39);

  private static final int ROOT = 0;
  private static final int NOBODY = 65_534; // stands for the user that an operator would make

  /** The unit of systemd. */
  static Confinement ofUnit() throws IOException {
    return of(directives("ExecStart="));
  }

  /** The same with the drop-in for pods that have namespaces. */
  static Confinement ofUnitForNamespaces() throws IOException {
    return of(directives("ExecStart=") + "\n" + directives("RestrictNamespaces=net"));
  }

  private static Confinement of(String unit) {
    assertThat(values(unit, "NoNewPrivileges")).containsExactly("yes");
    assertThat(values(unit, "User")).hasSize(1).doesNotContain("root");
    var capabilities = values(unit, "AmbientCapabilities");
    assertThat(values(unit, "CapabilityBoundingSet")).isEqualTo(capabilities);
    return new Confinement(
        NOBODY, new TreeSet<>(capabilities), true, afterAgent(values(unit, "ExecStart")));
  }

  /** Systemd adds up what several lines of a list say. */
  private static List<String> values(String unit, String directive) {
    return unit.lines()
        .filter(line -> line.startsWith(directive + "="))
        .flatMap(line -> Stream.of(line.substring(directive.length() + 1).split(" ")))
        .toList();
  }

  private static String directives(String telling) throws IOException {
    return block("ini", telling);
  }

  private static String block(String language, String telling) throws IOException {
    var blocks =
        Page.of(Page.ROOT.resolve("docs/privileges.md")).blocks().stream()
            .filter(block -> block.language().equals(language))
            .map(Page.Block::text)
            .filter(text -> text.contains(telling))
            .toList();
    assertThat(blocks).as("blocks of %s with %s", language, telling).hasSize(1);
    return blocks.getFirst();
  }

  /** The security context of Kubernetes, as a runtime applies it to the container's process. */
  static Confinement ofContainer() throws IOException {
    var manifest =
        new Load(LoadSettings.builder().build()).loadFromString(block("yaml", "securityContext"));
    var container = at(manifest, "spec", "template", "spec", "containers", 0);
    assertThat(at(container, "securityContext", "runAsUser")).isEqualTo(ROOT);
    assertThat(at(container, "securityContext", "allowPrivilegeEscalation")).isEqualTo(false);
    assertThat(at(container, "securityContext", "capabilities", "drop")).isEqualTo(List.of("ALL"));
    var capabilities =
        texts(at(container, "securityContext", "capabilities", "add")).stream()
            .map(name -> "CAP_" + name)
            .collect(Collectors.toCollection(TreeSet::new));
    return new Confinement(ROOT, capabilities, false, afterAgent(texts(at(container, "args"))));
  }

  private static Object at(Object node, Object... path) {
    for (var step : path) {
      node = step instanceof Integer i ? ((List<?>) node).get(i) : ((Map<?, ?>) node).get(step);
    }
    return node;
  }

  private static List<String> texts(Object list) {
    return ((List<?>) list).stream().map(Object::toString).toList();
  }

  private static List<String> afterAgent(List<String> command) {
    return command.subList(command.indexOf("agent") + 1, command.size());
  }

  Confinement without(String capability) {
    var rest = new TreeSet<>(capabilities);
    assertThat(rest.remove(capability)).isTrue();
    return new Confinement(user, rest, ambient, arguments);
  }

  /** The arguments with another value for an option that the page gives. */
  Confinement with(String option, Object value) {
    var changed = new ArrayList<>(arguments);
    assertThat(changed).contains(option);
    changed.set(changed.indexOf(option) + 1, value.toString());
    return new Confinement(user, capabilities, ambient, changed);
  }

  /** What starts a program like that. */
  List<String> wrapper() {
    var list =
        capabilities.stream()
            .map(name -> ",+" + name.substring("CAP_".length()).toLowerCase(Locale.ROOT))
            .collect(Collectors.joining("", "-all", ""));
    var command =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=" + user,
                "--regid=" + user,
                "--clear-groups",
                "--bounding-set=" + list,
                "--inh-caps=" + (ambient ? list : "-all"),
                "--no-new-privs"));
    if (ambient) {
      command.add("--ambient-caps=" + list);
    }
    return command;
  }

  /** The capabilities as /proc/PID/status shows them. */
  String mask() {
    long bits = 0;
    for (var name : capabilities) {
      bits |= 1L << NUMBERS.get(name);
    }
    return "%016x".formatted(bits);
  }
}
