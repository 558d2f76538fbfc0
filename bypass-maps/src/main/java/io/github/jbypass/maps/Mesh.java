// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What the sidecars of a service mesh look like: their ports, the user that they run as, and what
 * they leave alone. Immutable.
 *
 * <p>The presets are what the meshes' own iptables rules assume unless configured otherwise; {@link
 * #toBuilder} changes a copy.
 */
public final class Mesh {
  /** Envoy as Istio runs it: user 1337, 15001 and 15006, DNS at 15053. */
  public static final Mesh ISTIO =
      builder("istio")
          .outboundPort(15_001)
          .inboundPort(15_006)
          .dnsPort(15_053)
          .sidecarUser(1337)
          .sidecarGroup(1337)
          .passthroughFrom(InetAddress.ofLiteral("127.0.0.6"), InetAddress.ofLiteral("::6"))
          .statusPorts(15_020, 15_021, 15_090)
          .build();

  /** linkerd2-proxy: user 2102, 4140 and 4143, admin at 4191, tap at 4190. */
  public static final Mesh LINKERD =
      builder("linkerd")
          .outboundPort(4140)
          .inboundPort(4143)
          .sidecarUser(2102)
          .opensInbound(true)
          .statusPorts(4190, 4191)
          .build();

  /** Envoy as Kuma runs it: user 5678, 15001 and 15006, DNS at 15053. */
  public static final Mesh KUMA =
      builder("kuma")
          .outboundPort(15_001)
          .inboundPort(15_006)
          .dnsPort(15_053)
          .sidecarUser(5678)
          .passthroughFrom(InetAddress.ofLiteral("127.0.0.6"), InetAddress.ofLiteral("::6"))
          .build();

  /** Envoy as Open Service Mesh runs it: user 1500, 15001 and 15003. */
  public static final Mesh OSM =
      builder("osm")
          .outboundPort(15_001)
          .inboundPort(15_003)
          .sidecarUser(1500)
          .passthroughFrom(InetAddress.ofLiteral("127.0.0.6"), InetAddress.ofLiteral("::6"))
          .statusPorts(15_010, 15_901, 15_902, 15_903, 15_904)
          .build();

  /** All presets. */
  public static final List<Mesh> PRESETS = List.of(ISTIO, LINKERD, KUMA, OSM);

  private final String name;
  private final int outboundPort;
  private final int inboundPort;
  private final OptionalInt dnsPort;
  private final OptionalInt sidecarUser;
  private final OptionalInt sidecarGroup;
  private final Set<InetAddress> passthrough;
  private final Set<Integer> statusPorts;
  private final boolean opensInbound;

  private Mesh(Builder builder) {
    name = builder.name;
    outboundPort = builder.outboundPort;
    inboundPort = builder.inboundPort;
    dnsPort = builder.dnsPort;
    sidecarUser = builder.sidecarUser;
    sidecarGroup = builder.sidecarGroup;
    passthrough = Set.copyOf(builder.passthrough);
    statusPorts = Set.copyOf(builder.statusPorts);
    opensInbound = builder.opensInbound;
  }

  /**
   * {@return a mesh of one's own}
   *
   * @param name what to call it
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /**
   * {@return a preset by its name}
   *
   * @param name such as {@code istio}, in either case
   * @throws IllegalArgumentException that lists the presets, if there is none of that name
   */
  public static Mesh named(String name) {
    return PRESETS.stream()
        .filter(mesh -> mesh.name.equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no mesh '"
                        + name
                        + "'; there are "
                        + PRESETS.stream().map(Mesh::name).toList()));
  }

  /** {@return the mesh's name} */
  public String name() {
    return name;
  }

  /** {@return where a sidecar accepts its application's connections} */
  public int outboundPort() {
    return outboundPort;
  }

  /** {@return where a sidecar accepts connections to its application} */
  public int inboundPort() {
    return inboundPort;
  }

  /** {@return where a sidecar answers its application's DNS queries, if it does} */
  public OptionalInt dnsPort() {
    return dnsPort;
  }

  /** {@return the user id that sidecars run as and nothing else, if they are known by it} */
  public OptionalInt sidecarUser() {
    return sidecarUser;
  }

  /** {@return the group id that sidecars run as and nothing else, if they are known by it} */
  public OptionalInt sidecarGroup() {
    return sidecarGroup;
  }

  /**
   * See {@link Builder#passthroughFrom}.
   *
   * @return the addresses
   */
  public Set<InetAddress> passthrough() {
    return passthrough;
  }

  /**
   * {@return ports of the sidecar itself: connections to them never pass through its inbound port}
   */
  public Set<Integer> statusPorts() {
    return statusPorts;
  }

  /**
   * See {@link Builder#opensInbound}.
   *
   * @return whether it does
   */
  public boolean opensInbound() {
    return opensInbound;
  }

  /** {@return a builder that begins with this mesh's values} */
  public Builder toBuilder() {
    var builder = new Builder(name);
    builder.outboundPort = outboundPort;
    builder.inboundPort = inboundPort;
    builder.dnsPort = dnsPort;
    builder.sidecarUser = sidecarUser;
    builder.sidecarGroup = sidecarGroup;
    builder.passthrough.addAll(passthrough);
    builder.statusPorts.addAll(statusPorts);
    builder.opensInbound = opensInbound;
    return builder;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Mesh that && state().equals(that.state());
  }

  @Override
  public int hashCode() {
    return state().hashCode();
  }

  private List<Object> state() {
    return List.of(
        name,
        outboundPort,
        inboundPort,
        dnsPort,
        sidecarUser,
        sidecarGroup,
        passthrough,
        statusPorts,
        opensInbound);
  }

  @Override
  public String toString() {
    return "mesh " + name;
  }

  /** Describes a mesh. Not thread-safe. */
  public static final class Builder {
    private final String name;
    private int outboundPort;
    private int inboundPort;
    private OptionalInt dnsPort = OptionalInt.empty();
    private OptionalInt sidecarUser = OptionalInt.empty();
    private OptionalInt sidecarGroup = OptionalInt.empty();
    private final Set<InetAddress> passthrough = new LinkedHashSet<>();
    private final Set<Integer> statusPorts = new LinkedHashSet<>();
    private boolean opensInbound;

    private Builder(String name) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("a mesh needs a name");
      }
      this.name = name;
    }

    /**
     * {@return where a sidecar accepts its application's connections, on a loopback address}
     *
     * @param port from 1 to 65535
     */
    public Builder outboundPort(int port) {
      outboundPort = Ports.check(port);
      return this;
    }

    /**
     * {@return where a sidecar accepts connections to its application, on the pod's addresses}
     *
     * @param port from 1 to 65535
     */
    public Builder inboundPort(int port) {
      inboundPort = Ports.check(port);
      return this;
    }

    /**
     * {@return where a sidecar answers DNS queries, over UDP and TCP on a loopback address}
     *
     * @param port from 1 to 65535
     */
    public Builder dnsPort(int port) {
      dnsPort = OptionalInt.of(Ports.check(port));
      return this;
    }

    /**
     * {@return the user id that sidecars run as and nothing else, in the initial user namespace}
     *
     * @param id a user id
     */
    public Builder sidecarUser(int id) {
      sidecarUser = OptionalInt.of(PodPolicy.checkId(id, "user"));
      return this;
    }

    /**
     * {@return the group id that sidecars run as and nothing else, in the initial user namespace}
     *
     * @param id a group id
     */
    public Builder sidecarGroup(int id) {
      sidecarGroup = OptionalInt.of(PodPolicy.checkId(id, "group"));
      return this;
    }

    /**
     * Addresses, at most one of each family, that a sidecar binds to when it connects to its own
     * pod's address in order to reach its application. Its other connections to that address are
     * meant for its own inbound port, as when a pod calls a service that it serves itself. Without
     * such an address, all of a sidecar's connections to its own pod are left alone.
     *
     * @param addresses at most one IPv4 and one IPv6 address
     * @return this
     */
    public Builder passthroughFrom(InetAddress... addresses) {
      var chosen = Arrays.asList(addresses);
      if (chosen.stream().filter(Inet4Address.class::isInstance).count() > 1
          || chosen.stream().filter(Inet6Address.class::isInstance).count() > 1) {
        throw new IllegalArgumentException(
            "sidecars pass through from one address of each family, not " + chosen);
      }
      passthrough.clear();
      passthrough.addAll(chosen);
      return this;
    }

    /**
     * {@return ports of the sidecar itself: connections to them never pass through its inbound
     * port}
     *
     * @param ports from 1 to 65535
     */
    public Builder statusPorts(int... ports) {
      statusPorts.clear();
      for (int port : ports) {
        statusPorts.add(Ports.check(port));
      }
      return this;
    }

    /**
     * {@return whether a sidecar that binds its inbound port to 127.0.0.1 only shall be reachable
     * from other pods nevertheless: the port is then bound to all addresses}
     *
     * @param opens whether it does
     */
    public Builder opensInbound(boolean opens) {
      opensInbound = opens;
      return this;
    }

    /**
     * {@return the mesh}
     *
     * @throws IllegalArgumentException if a port is missing or used twice, or if nothing tells who
     *     is a sidecar
     */
    public Mesh build() {
      if (outboundPort == 0 || inboundPort == 0) {
        throw new IllegalArgumentException(
            "mesh " + name + " needs an outbound and an inbound port");
      }
      if (outboundPort == inboundPort
          || dnsPort.orElse(0) == inboundPort
          || dnsPort.orElse(0) == outboundPort) {
        throw new IllegalArgumentException(
            "mesh " + name + " needs different ports for outbound, inbound and DNS");
      }
      return new Mesh(this);
    }
  }
}
