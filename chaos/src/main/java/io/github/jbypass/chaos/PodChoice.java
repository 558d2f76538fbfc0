// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import java.nio.file.Path;
import java.util.random.RandomGenerator;

/** What of the pod's connections is led to its sidecar. */
enum PodChoice {
  ALL(
      "- {name: pod, addresses: [%1$s, '%2$s'], namespace: %3$s, policy: {excludeOutboundPorts: [%4$d]}}"),
  OUTBOUND(
      "- {name: pod, addresses: [%1$s, '%2$s'], namespace: %3$s,"
          + " policy: {excludeOutboundPorts: [%4$d], excludeInboundPorts: [%6$d]}}"),
  INBOUND(
      "- {name: pod, addresses: [%1$s, '%2$s'], namespace: %3$s,"
          + " policy: {excludeOutboundPorts: [%4$d, %5$d]}}"),
  ONLY_IPV4(
      "- {name: pod, addresses: [%1$s], namespace: %3$s,"
          + " policy: {excludeOutboundPorts: [%4$d], includeOutboundNetworks: [0.0.0.0/0]}}"),
  NOTHING("");

  private final String pods;

  PodChoice(String pods) {
    this.pods = pods;
  }

  static PodChoice any(RandomGenerator random) {
    return values()[random.nextInt(values().length)];
  }

  String yaml(
      String address, String address6, Path namespace, int plain, int server, int podServer) {
    var list = pods.formatted(address, address6, namespace, plain, server, podServer);
    return list.isEmpty() ? "pods: []\n" : "pods:\n" + list + "\n";
  }
}
