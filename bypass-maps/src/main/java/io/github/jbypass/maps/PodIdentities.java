// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import io.github.jbypass.maps.PodCodec.Identity;
import io.github.jbypass.maps.PodCodec.PodChange;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What pods are known by to the kernel. */
final class PodIdentities {
  private PodIdentities() {}

  /** A pod's identities, each with whether it is its sidecar's. Asks the kernel for their ids. */
  static Map<Identity, Boolean> of(Pod pod) {
    var identities = new LinkedHashMap<Identity, Boolean>();
    pod.addresses().forEach(address -> identities.put(Identity.of(address), false));
    pod.namespace()
        .ifPresent(
            namespace ->
                identities.put(new Identity(Identity.Kind.NETNS, namespace.cookie(), 0), false));
    pod.cgroups()
        .forEach(
            cgroup -> identities.put(new Identity(Identity.Kind.CGROUP, cgroup.id(), 0), false));
    pod.sidecarCgroups()
        .forEach(
            cgroup -> identities.put(new Identity(Identity.Kind.CGROUP, cgroup.id(), 0), true));
    return identities;
  }

  /** The same as the kernel is told them. */
  static Map<Identity, Integer> numbered(Map<Identity, Boolean> identities, int number) {
    var numbered = new LinkedHashMap<Identity, Integer>();
    identities.forEach(
        (identity, isSidecar) ->
            numbered.put(identity, isSidecar ? number | PodChange.SIDECAR_CGROUP : number));
    return numbered;
  }

  static void requireDistinct(Collection<Pod> pods) {
    var owners = new HashMap<Object, Pod>();
    for (var pod : pods) {
      pod.addresses().forEach(address -> claim(owners, pod, address, address.getHostAddress()));
      pod.cgroups().forEach(cgroup -> claim(owners, pod, cgroup.path(), "cgroup " + cgroup.path()));
      pod.sidecarCgroups()
          .forEach(cgroup -> claim(owners, pod, cgroup.path(), "cgroup " + cgroup.path()));
      pod.namespace()
          .ifPresent(namespace -> claim(owners, pod, namespace.cookie(), "namespace " + namespace));
    }
  }

  private static void claim(Map<Object, Pod> owners, Pod pod, Object identity, String text) {
    var other = owners.putIfAbsent(identity, pod);
    if (other != null && other != pod) {
      throw new IllegalArgumentException(text + " belongs to both " + other + " and " + pod);
    }
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
