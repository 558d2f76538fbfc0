// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

/** What leads the connections of a rig's pods to their sidecars. */
public enum Interception {
  /** Istio's rules in the pods, kube-proxy's on the node, and so connection tracking in each. */
  IPTABLES,
  /** A {@code Bypass} that intercepts {@link MeshRig#pods}; there is no netfilter rule at all. */
  BYPASS
}
