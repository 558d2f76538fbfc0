// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.maps.PodCodec.Identity;
import io.github.jbypass.maps.PodCodec.Identity.Kind;
import io.github.jbypass.maps.PodCodec.PodChange;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What pods are known by to the kernel. */
final class PodIdentities {
  private PodIdentities() {}

  /** What an identity is called in messages, and whether it is a sidecar's alone. */
  record Naming(String text, boolean isSidecars) {
    /** A pod's number as the kernel is told it for this identity. */
    int number(int pod) {
      return isSidecars ? pod | PodChange.SIDECAR_CGROUP : pod;
    }
  }

  /** A pod's identities. Asks the kernel for their ids. */
  static Map<Identity, Naming> of(Pod pod) {
    var identities = new LinkedHashMap<Identity, Naming>();
    pod.addresses()
        .forEach(
            address ->
                identities.put(Identity.of(address), new Naming(address.getHostAddress(), false)));
    pod.namespace()
        .ifPresent(
            namespace ->
                identities.put(
                    new Identity(Kind.NETNS, namespace.cookie(), 0),
                    new Naming(namespace.toString(), false)));
    pod.cgroups().forEach(cgroup -> identities.put(of(cgroup), naming(cgroup, false)));
    pod.sidecarCgroups().forEach(cgroup -> identities.put(of(cgroup), naming(cgroup, true)));
    return identities;
  }

  private static Identity of(Cgroup cgroup) {
    return new Identity(Kind.CGROUP, cgroup.id(), 0);
  }

  private static Naming naming(Cgroup cgroup, boolean isSidecars) {
    return new Naming("cgroup " + cgroup.path(), isSidecars);
  }

  static void requireDistinct(Map<Pod, Map<Identity, Naming>> pods) {
    var owners = new HashMap<Identity, Pod>();
    pods.forEach(
        (pod, identities) ->
            identities.forEach(
                (identity, naming) -> {
                  var other = owners.putIfAbsent(identity, pod);
                  if (other != null) {
                    throw new IllegalArgumentException(
                        naming.text + " belongs to both " + other + " and " + pod);
                  }
                }));
  }

  static void requireSuitable(Pod pod, Mesh mesh) {
    var policy = pod.policy();
    if (policy.capturesDns() && mesh.dnsPort().isEmpty()) {
      throw new IllegalArgumentException(
          "%s wants its DNS captured, but %s has no DNS port".formatted(pod, mesh));
    }
    boolean sidecarIsKnown =
        mesh.sidecarUser().isPresent()
            || mesh.sidecarGroup().isPresent()
            || policy.sidecarUser().isPresent()
            || policy.sidecarGroup().isPresent()
            || !pod.sidecarCgroups().isEmpty();
    if (!sidecarIsKnown) {
      throw new IllegalArgumentException(
          "nothing tells who is the sidecar of %s: give %s, or the pod, a user, a group or a cgroup"
              .formatted(pod, mesh));
    }
  }
}
