// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.maps.Cidr;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Which connections between local sockets are enrolled. It can only narrow: what it leaves out goes
 * over TCP, as without jbypass. Immutable.
 *
 * <p>A connection is seen by both ends, and with address translation between them they see
 * different things: the client connects to port 80, the sidecar accepts on 15001. Therefore
 *
 * <ul>
 *   <li>a connection is <em>excluded</em> if its service port, or an address, is excluded as either
 *       end sees it;
 *   <li>when ports are <em>included</em>, its service port as either end sees it must be one of
 *       them; when networks are included, one of its addresses as either end sees them must be in
 *       one;
 *   <li>of networks inside each other, the smallest that holds an address decides for it;
 *   <li>excluded beats included.
 * </ul>
 *
 * <p>The service port is the one that the client connects to and the server listens on. IPv4 also
 * means IPv4 over dual-stack IPv6 sockets.
 */
public final class EnrolmentPolicy {
  private static final EnrolmentPolicy EVERYTHING = builder().build();

  private final BitSet includedPorts;
  private final BitSet excludedPorts;
  private final Set<Cidr> includedNetworks;
  private final Set<Cidr> excludedNetworks;

  private EnrolmentPolicy(Builder builder) {
    includedPorts = (BitSet) builder.includedPorts.clone();
    excludedPorts = (BitSet) builder.excludedPorts.clone();
    includedNetworks = Set.copyOf(builder.includedNetworks);
    excludedNetworks = Set.copyOf(builder.excludedNetworks);
  }

  /**
   * Enrols every local connection.
   *
   * @return the policy
   */
  public static EnrolmentPolicy everything() {
    return EVERYTHING;
  }

  /** {@return a policy to be narrowed} */
  public static Builder builder() {
    return new Builder();
  }

  BitSet includedPorts() {
    return includedPorts;
  }

  BitSet excludedPorts() {
    return excludedPorts;
  }

  Set<Cidr> includedNetworks() {
    return includedNetworks;
  }

  Set<Cidr> excludedNetworks() {
    return excludedNetworks;
  }

  @Override
  public String toString() {
    return "ports +%s -%s, networks +%s -%s"
        .formatted(includedPorts, excludedPorts, includedNetworks, excludedNetworks);
  }

  /** Collects ports and networks, of any number. Not thread-safe. */
  public static final class Builder {
    private static final int MAX_PORT = 65535;

    private final BitSet includedPorts = new BitSet();
    private final BitSet excludedPorts = new BitSet();
    private final Set<Cidr> includedNetworks = new LinkedHashSet<>();
    private final Set<Cidr> excludedNetworks = new LinkedHashSet<>();

    private Builder() {}

    /**
     * Enrols only connections to these ports, and to others that are included.
     *
     * @param ports from 0 to 65535
     * @return this
     * @throws IllegalArgumentException if one is not between 1 and 65535
     */
    public Builder includePorts(int... ports) {
      add(includedPorts, ports);
      return this;
    }

    /**
     * Enrols no connections to these ports.
     *
     * @param ports from 0 to 65535
     * @return this
     * @throws IllegalArgumentException if one is not between 1 and 65535
     */
    public Builder excludePorts(int... ports) {
      add(excludedPorts, ports);
      return this;
    }

    /**
     * Enrols only connections with an address in these networks, or in others that are included.
     *
     * @param networks IPv4 or IPv6
     * @return this
     */
    public Builder includeNetworks(Cidr... networks) {
      includedNetworks.addAll(Arrays.asList(networks));
      return this;
    }

    /**
     * Enrols no connections with an address in these networks.
     *
     * @param networks IPv4 or IPv6
     * @return this
     */
    public Builder excludeNetworks(Cidr... networks) {
      excludedNetworks.addAll(Arrays.asList(networks));
      return this;
    }

    /**
     * {@return the policy}
     *
     * @throws IllegalArgumentException if a port or network is both included and excluded
     */
    public EnrolmentPolicy build() {
      if (includedPorts.intersects(excludedPorts)) {
        var both = (BitSet) includedPorts.clone();
        both.and(excludedPorts);
        throw new IllegalArgumentException("ports both included and excluded: " + both);
      }
      for (var network : includedNetworks) {
        if (excludedNetworks.contains(network)) {
          throw new IllegalArgumentException("network both included and excluded: " + network);
        }
      }
      return new EnrolmentPolicy(this);
    }

    private static void add(BitSet set, int... ports) {
      for (int port : ports) {
        if (port < 1 || port > MAX_PORT) {
          throw new IllegalArgumentException("port " + port + " is not between 1 and " + MAX_PORT);
        }
        set.set(port);
      }
    }
  }
}
