// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Which of a pod's connections its sidecar sees, and who its sidecar is. Immutable.
 *
 * <p>Without rules, all TCP connections are captured. A connection is captured if nothing excludes
 * it and if it is on each list of inclusions that is there: one of ports, one of networks. Of all
 * networks of one direction that hold an address, the smallest decides; if it is both included and
 * excluded, it is excluded. Lists may have any length.
 */
public final class PodPolicy {
  private static final PodPolicy DEFAULT = builder().build();

  /** Rules for connections in one direction. */
  record Rules(
      BitSet includedPorts,
      BitSet excludedPorts,
      Set<Cidr> includedNetworks,
      Set<Cidr> excludedNetworks) {
    Rules() {
      this(new BitSet(), new BitSet(), Set.of(), Set.of());
    }
  }

  private final Rules outbound;
  private final Rules inbound;
  private final Set<Integer> excludedUsers;
  private final boolean capturesDns;
  private final OptionalInt statusPort;
  private final OptionalInt sidecarUser;
  private final OptionalInt sidecarGroup;

  private PodPolicy(Builder builder) {
    outbound = builder.outbound.build();
    inbound = builder.inbound.build();
    excludedUsers = Set.copyOf(builder.excludedUsers);
    capturesDns = builder.capturesDns;
    statusPort = builder.statusPort;
    sidecarUser = builder.sidecarUser;
    sidecarGroup = builder.sidecarGroup;
  }

  /**
   * Captures all TCP connections, and no DNS over UDP.
   *
   * @return the policy
   */
  public static PodPolicy everything() {
    return DEFAULT;
  }

  /**
   * Begins a policy that captures everything.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  static int checkId(int id, String what) {
    if (id < 0) {
      throw new IllegalArgumentException(what + " id " + id + " is negative");
    }
    return id;
  }

  Rules outbound() {
    return outbound;
  }

  Rules inbound() {
    return inbound;
  }

  Set<Integer> excludedUsers() {
    return excludedUsers;
  }

  boolean capturesDns() {
    return capturesDns;
  }

  OptionalInt statusPort() {
    return statusPort;
  }

  OptionalInt sidecarUser() {
    return sidecarUser;
  }

  OptionalInt sidecarGroup() {
    return sidecarGroup;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PodPolicy that && state().equals(that.state());
  }

  @Override
  public int hashCode() {
    return state().hashCode();
  }

  private List<Object> state() {
    return List.of(
        outbound, inbound, excludedUsers, capturesDns, statusPort, sidecarUser, sidecarGroup);
  }

  @Override
  public String toString() {
    return "policy outbound="
        + outbound
        + " inbound="
        + inbound
        + " excludedUsers="
        + excludedUsers
        + " dns="
        + capturesDns;
  }

  /** Describes a policy; what is called twice adds up. Not thread-safe. */
  public static final class Builder {
    private final RulesBuilder outbound = new RulesBuilder();
    private final RulesBuilder inbound = new RulesBuilder();
    private final Set<Integer> excludedUsers = new HashSet<>();
    private boolean capturesDns;
    private OptionalInt statusPort = OptionalInt.empty();
    private OptionalInt sidecarUser = OptionalInt.empty();
    private OptionalInt sidecarGroup = OptionalInt.empty();

    private Builder() {}

    /**
     * Captures only connections of the application to these ports.
     *
     * @param ports from 0 to 65535
     * @return this
     */
    public Builder includeOutboundPorts(int... ports) {
      add(outbound.includedPorts, ports);
      return this;
    }

    /**
     * Leaves connections of the application to these ports alone.
     *
     * @param ports from 0 to 65535
     * @return this
     */
    public Builder excludeOutboundPorts(int... ports) {
      add(outbound.excludedPorts, ports);
      return this;
    }

    /**
     * Captures only connections of the application to addresses in these networks.
     *
     * @param networks IPv4 or IPv6
     * @return this
     */
    public Builder includeOutboundNetworks(Collection<Cidr> networks) {
      outbound.includedNetworks.addAll(networks);
      return this;
    }

    /**
     * Leaves connections of the application to addresses in these networks alone.
     *
     * @param networks IPv4 or IPv6
     * @return this
     */
    public Builder excludeOutboundNetworks(Collection<Cidr> networks) {
      outbound.excludedNetworks.addAll(networks);
      return this;
    }

    /**
     * Captures only connections from elsewhere to these ports of the pod.
     *
     * @param ports from 0 to 65535
     * @return this
     */
    public Builder includeInboundPorts(int... ports) {
      add(inbound.includedPorts, ports);
      return this;
    }

    /**
     * Leaves connections from elsewhere to these ports of the pod alone.
     *
     * @param ports from 0 to 65535
     * @return this
     */
    public Builder excludeInboundPorts(int... ports) {
      add(inbound.excludedPorts, ports);
      return this;
    }

    /**
     * Captures only connections from addresses in these networks to the pod.
     *
     * @param networks IPv4 or IPv6
     * @return this
     */
    public Builder includeInboundNetworks(Collection<Cidr> networks) {
      inbound.includedNetworks.addAll(networks);
      return this;
    }

    /**
     * Leaves connections from addresses in these networks to the pod alone.
     *
     * @param networks IPv4 or IPv6
     * @return this
     */
    public Builder excludeInboundNetworks(Collection<Cidr> networks) {
      inbound.excludedNetworks.addAll(networks);
      return this;
    }

    /**
     * Leaves connections and DNS queries of processes with these real user ids alone.
     *
     * @param ids user ids
     * @return this
     */
    public Builder excludeUsers(int... ids) {
      for (int id : ids) {
        excludedUsers.add(checkId(id, "user"));
      }
      return this;
    }

    /**
     * {@return whether queries of the application to port 53, over UDP and TCP, go to the sidecar's
     * DNS port} Not by default.
     *
     * @param capture whether to do so
     */
    public Builder captureDns(boolean capture) {
      capturesDns = capture;
      return this;
    }

    /**
     * {@return a port for health checks that connections from elsewhere reach without the sidecar}
     *
     * @param port from 1 to 65535
     */
    public Builder statusPort(int port) {
      statusPort = OptionalInt.of(Ports.check(port));
      return this;
    }

    /**
     * {@return the user id of this pod's sidecar, if it isn't the mesh's}
     *
     * @param id a user id
     */
    public Builder sidecarUser(int id) {
      sidecarUser = OptionalInt.of(checkId(id, "user"));
      return this;
    }

    /**
     * {@return the group id of this pod's sidecar, if it isn't the mesh's}
     *
     * @param id a group id
     */
    public Builder sidecarGroup(int id) {
      sidecarGroup = OptionalInt.of(checkId(id, "group"));
      return this;
    }

    /** {@return the policy} */
    public PodPolicy build() {
      return new PodPolicy(this);
    }

    private static void add(BitSet all, int... ports) {
      for (int port : ports) {
        all.set(Ports.check(port));
      }
    }
  }

  private static final class RulesBuilder {
    final BitSet includedPorts = new BitSet();
    final BitSet excludedPorts = new BitSet();
    final Set<Cidr> includedNetworks = new HashSet<>();
    final Set<Cidr> excludedNetworks = new HashSet<>();

    Rules build() {
      return new Rules(
          (BitSet) includedPorts.clone(),
          (BitSet) excludedPorts.clone(),
          Set.copyOf(includedNetworks),
          Set.copyOf(excludedNetworks));
    }
  }
}
