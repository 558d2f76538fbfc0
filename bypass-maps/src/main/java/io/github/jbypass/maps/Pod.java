// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.NetworkNamespace;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pod of the mesh on this host: what its processes and addresses are known by, and its policy.
 * Immutable.
 *
 * <p>A process is in the pod if its cgroup, or one above it, is one of the pod's; otherwise, if its
 * socket is in the pod's network namespace. The innermost cgroup decides. Nothing depends on
 * process ids.
 */
public final class Pod {
  private final String name;
  private final Set<InetAddress> addresses;
  private final Map<Path, Cgroup> cgroups;
  private final Map<Path, Cgroup> sidecarCgroups;
  private final @Nullable NetworkNamespace namespace;
  private final PodPolicy policy;

  private Pod(Builder builder) {
    name = builder.name;
    addresses = java.util.Collections.unmodifiableSet(new LinkedHashSet<>(builder.addresses));
    cgroups = Map.copyOf(builder.cgroups);
    sidecarCgroups = Map.copyOf(builder.sidecarCgroups);
    namespace = builder.namespace;
    policy = builder.policy;
  }

  /**
   * Begins a pod.
   *
   * @param name what to call it; unique in a {@link PodMap}
   * @return a builder
   */
  public static Builder named(String name) {
    return new Builder(name);
  }

  /**
   * Its name.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Its addresses, in the order in which they were given.
   *
   * @return the addresses
   */
  public Set<InetAddress> addresses() {
    return addresses;
  }

  /** {@return the cgroups of its containers, without its sidecar's} */
  public List<Cgroup> cgroups() {
    return List.copyOf(cgroups.values());
  }

  /** {@return the cgroups of its sidecar} */
  public List<Cgroup> sidecarCgroups() {
    return List.copyOf(sidecarCgroups.values());
  }

  /**
   * Its network namespace, if it has one of its own.
   *
   * @return the namespace
   */
  public Optional<NetworkNamespace> namespace() {
    return Optional.ofNullable(namespace);
  }

  /** {@return what its sidecar sees} */
  public PodPolicy policy() {
    return policy;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Pod that && state().equals(that.state());
  }

  @Override
  public int hashCode() {
    return state().hashCode();
  }

  private List<Object> state() {
    return List.of(
        name,
        List.copyOf(addresses),
        cgroups.keySet(),
        sidecarCgroups.keySet(),
        namespace(),
        policy);
  }

  @Override
  public String toString() {
    return "pod " + name;
  }

  /** Describes a pod. Not thread-safe. */
  public static final class Builder {
    private final String name;
    private final Set<InetAddress> addresses = new LinkedHashSet<>();
    private final Map<Path, Cgroup> cgroups = new LinkedHashMap<>();
    private final Map<Path, Cgroup> sidecarCgroups = new LinkedHashMap<>();
    private @Nullable NetworkNamespace namespace;
    private PodPolicy policy = PodPolicy.everything();

    private Builder(String name) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("a pod needs a name");
      }
      this.name = name;
    }

    /**
     * Adds an address. The first one of each family is what the pod's captured connections come
     * from.
     *
     * @param address the address
     * @return this
     * @throws IllegalArgumentException if it is a loopback, wildcard or multicast address
     */
    public Builder address(InetAddress address) {
      if (address.isLoopbackAddress()
          || address.isAnyLocalAddress()
          || address.isMulticastAddress()) {
        throw new IllegalArgumentException(
            "pod %s: %s is not an address that others can reach"
                .formatted(name, address.getHostAddress()));
      }
      addresses.add(address);
      return this;
    }

    /**
     * Adds an address, such as 10.1.2.3 or fd00::1. Never asks DNS.
     *
     * @param address the address
     * @return this
     */
    public Builder address(String address) {
      return address(InetAddress.ofLiteral(address));
    }

    /**
     * Adds the cgroup of a container; those below it belong to it.
     *
     * @param cgroup the group
     * @return this
     */
    public Builder cgroup(Cgroup cgroup) {
      cgroups.put(cgroup.path(), cgroup);
      return this;
    }

    /**
     * Adds a cgroup whose processes are the pod's sidecar, whatever user they run as.
     *
     * @param cgroup the group
     * @return this
     */
    public Builder sidecarCgroup(Cgroup cgroup) {
      sidecarCgroups.put(cgroup.path(), cgroup);
      return this;
    }

    /**
     * {@return the pod's network namespace: its processes belong to the pod, its interfaces are
     * watched}
     *
     * @param namespace the namespace
     */
    public Builder namespace(NetworkNamespace namespace) {
      this.namespace = namespace;
      return this;
    }

    /**
     * {@return what its sidecar sees; everything unless given}
     *
     * @param policy the policy
     */
    public Builder policy(PodPolicy policy) {
      this.policy = policy;
      return this;
    }

    /**
     * {@return the pod}
     *
     * @throws IllegalArgumentException if it has neither a namespace nor a cgroup, or one cgroup
     *     twice
     */
    public Pod build() {
      if (namespace == null && cgroups.isEmpty() && sidecarCgroups.isEmpty()) {
        throw new IllegalArgumentException(
            "pod "
                + name
                + " has neither a namespace nor a cgroup: nothing can be known to be in it");
      }
      for (var path : cgroups.keySet()) {
        if (sidecarCgroups.containsKey(path)) {
          throw new IllegalArgumentException(
              "pod " + name + ": " + path + " is both a container's cgroup and the sidecar's");
        }
      }
      return new Pod(this);
    }
  }
}
