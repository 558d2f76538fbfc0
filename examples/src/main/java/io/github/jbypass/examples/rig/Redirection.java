// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.util.List;
import java.util.stream.Stream;

/**
 * The rules that lead a pod's connections through its sidecar, as Istio's init container writes
 * them.
 */
final class Redirection {
  private Redirection() {}

  static void install(Namespace pod) {
    String iptables = workingIptables(pod);
    String sidecar = Integer.toString(HaProxyConfig.UID);
    append(pod, iptables, "OUTPUT -m owner --uid-owner " + sidecar + " -j RETURN");
    append(pod, iptables, "OUTPUT -d 127.0.0.1/32 -j RETURN");
    append(pod, iptables, "OUTPUT -p tcp -j REDIRECT --to-ports " + HaProxyConfig.OUTBOUND_PORT);
    append(pod, iptables, "PREROUTING -p tcp -j REDIRECT --to-ports " + HaProxyConfig.INBOUND_PORT);
  }

  /** What kube-proxy has every packet between pods checked for. */
  static void installForwarding(Namespace node) {
    List<String> command = node.inside(workingIptables(node), "-w", "-A", "FORWARD");
    command.addAll(List.of("-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT".split(" ")));
    Command.run(command);
  }

  /** Kernels are built with the old tables, with nftables, or with both. */
  private static String workingIptables(Namespace pod) {
    return Stream.of("iptables-legacy", "iptables-nft")
        .filter(name -> Command.succeeds(pod.inside(name, "-t", "nat", "-S")))
        .findFirst()
        .orElseThrow(() -> new RigException("iptables cannot use the kernel's nat table"));
  }

  private static void append(Namespace pod, String iptables, String rule) {
    List<String> command = pod.inside(iptables, "-w", "-t", "nat", "-A");
    command.addAll(List.of(rule.split(" ")));
    Command.run(command);
  }
}
