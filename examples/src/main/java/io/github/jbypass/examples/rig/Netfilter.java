// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.util.List;
import java.util.stream.Stream;

/** What netfilter has to do in a namespace. */
final class Netfilter {
  private Netfilter() {}

  /**
   * Its rules. Asks about tables that are there only: iptables makes those that it is asked for.
   */
  static List<String> rules(Namespace namespace) {
    return Stream.of(
            legacyRules(namespace, "/proc/net/ip_tables_names", "iptables-legacy"),
            legacyRules(namespace, "/proc/net/ip6_tables_names", "ip6tables-legacy"),
            nftables(namespace))
        .flatMap(rules -> rules)
        .toList();
  }

  /** The tables of iptables that it has, with rules or without. */
  static List<String> tables(Namespace namespace) {
    return Stream.of("/proc/net/ip_tables_names", "/proc/net/ip6_tables_names")
        .flatMap(tables -> read(namespace, tables))
        .toList();
  }

  private static Stream<String> legacyRules(Namespace namespace, String tables, String iptables) {
    return read(namespace, tables)
        .flatMap(table -> Command.run(namespace.inside(iptables, "-w", "-t", table, "-S")).lines())
        .filter(rule -> rule.startsWith("-A"));
  }

  /** Also those of iptables-nft. A kernel without nftables has none. */
  private static Stream<String> nftables(Namespace namespace) {
    List<String> list = namespace.inside("nft", "list", "ruleset");
    return Command.succeeds(list) ? Command.run(list).lines() : Stream.empty();
  }

  /** How many connections are tracked. */
  static int trackedConnections(Namespace namespace) {
    return read(namespace, "/proc/sys/net/netfilter/nf_conntrack_count")
        .mapToInt(Integer::parseInt)
        .sum();
  }

  /** The lines of a file that only some kernels have. */
  private static Stream<String> read(Namespace namespace, String file) {
    List<String> command = namespace.inside("sh", "-c", "[ ! -e \"$0\" ] || cat \"$0\"", file);
    return Command.run(command).lines();
  }
}
