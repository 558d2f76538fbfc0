// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static io.github.jbypass.maps.StructLayout.at;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.github.jbypass.core.Btf;
import io.github.jbypass.core.LayoutMismatchException;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code struct pod} and the structs that refer to it; numbers in host order. */
final class PodCodec {
  /** C: {@code enum pod_flag}, whose values are bits in this order. */
  enum Flag {
    CAPTURES_DNS,
    OPENS_INBOUND,
    OUTBOUND_PORTS_INCLUDED,
    OUTBOUND_PORTS_EXCLUDED,
    OUTBOUND_NETWORKS,
    OUTBOUND_NETWORKS_INCLUDED,
    INBOUND_PORTS_INCLUDED,
    INBOUND_PORTS_EXCLUDED,
    INBOUND_NETWORKS,
    INBOUND_NETWORKS_INCLUDED,
    USERS_EXCLUDED
  }

  /** C: {@code enum pod_list}, in its order. */
  enum PodList {
    OUTBOUND_PORT,
    INBOUND_PORT,
    EXCLUDED_USER
  }

  private static final int NO_ID = -1;

  private static final StructLayout POD =
      new StructLayout(
          "pod",
          84,
          Map.of(
              "ipv4", at(0, 16),
              "ipv6", at(16, 16),
              "passthrough4", at(32, 16),
              "passthrough6", at(48, 16),
              "flags", at(64, 4),
              "sidecar_uid", at(68, 4),
              "sidecar_gid", at(72, 4),
              "outbound_port", at(76, 2),
              "inbound_port", at(78, 2),
              "dns_port", at(80, 2)));
  private static final StructLayout RULE =
      new StructLayout(
          "pod_rule", 12, Map.of("pod", at(0, 4), "list", at(4, 4), "number", at(8, 4)));
  private static final StructLayout NETWORK =
      new StructLayout(
          "pod_network",
          28,
          Map.of(
              "prefix_length",
              at(0, 4),
              "pod",
              at(4, 4),
              "direction",
              at(8, 4),
              "address",
              at(12, 16)));
  private static final int POD_AND_DIRECTION_BITS = 64;

  private PodCodec() {}

  static void check(Btf btf) {
    POD.check(btf);
    RULE.check(btf);
    NETWORK.check(btf);
    var flags = btf.enumValues("pod_flag");
    for (var flag : Flag.values()) {
      checkConstant("pod_flag", flags, "POD_" + flag, 1L << flag.ordinal());
    }
    var lists = btf.enumValues("pod_list");
    for (var list : PodList.values()) {
      checkConstant("pod_list", lists, "POD_" + list, list.ordinal());
    }
    for (var direction : Direction.values()) {
      checkConstant(
          "direction", btf.enumValues("direction"), direction.name(), direction.ordinal());
    }
    NetworkRules.checkRules(btf);
  }

  static void checkConstant(String type, Map<String, Long> actual, String name, long expected) {
    var value = actual.get(name);
    if (value == null || value != expected) {
      throw new LayoutMismatchException(
          type, name + ": Java expects " + expected + ", the object has " + value);
    }
  }

  /** C: {@code enum direction}, in its order. */
  enum Direction {
    OUTBOUND,
    INBOUND;

    PodPolicy.Rules rules(PodPolicy policy) {
      return this == OUTBOUND ? policy.outbound() : policy.inbound();
    }

    Flag flag(String suffix) {
      return Flag.valueOf(name().toUpperCase(Locale.ROOT) + suffix);
    }
  }

  static void encodePod(Pod pod, Mesh mesh, MemorySegment target) {
    target.asSlice(0, POD.size()).fill((byte) 0);
    first(pod.addresses(), true).ifPresent(a -> AddressCodec.encode(a, target, 0));
    first(pod.addresses(), false).ifPresent(a -> AddressCodec.encode(a, target, 16));
    first(mesh.passthrough(), true).ifPresent(a -> AddressCodec.encode(a, target, 32));
    first(mesh.passthrough(), false).ifPresent(a -> AddressCodec.encode(a, target, 48));
    var policy = pod.policy();
    target.set(JAVA_INT, 64, flags(policy, mesh));
    target.set(JAVA_INT, 68, id(policy.sidecarUser(), mesh.sidecarUser()));
    target.set(JAVA_INT, 72, id(policy.sidecarGroup(), mesh.sidecarGroup()));
    target.set(JAVA_SHORT, 76, (short) mesh.outboundPort());
    target.set(JAVA_SHORT, 78, (short) mesh.inboundPort());
    target.set(JAVA_SHORT, 80, (short) mesh.dnsPort().orElse(0));
  }

  private static int id(OptionalInt ofPod, OptionalInt ofMesh) {
    return ofPod.orElse(ofMesh.orElse(NO_ID));
  }

  private static Optional<InetAddress> first(Collection<InetAddress> addresses, boolean ipv4) {
    return addresses.stream().filter(a -> a instanceof Inet4Address == ipv4).findFirst();
  }

  private static int flags(PodPolicy policy, Mesh mesh) {
    int flags = bit(policy.capturesDns(), Flag.CAPTURES_DNS);
    flags |= bit(mesh.opensInbound(), Flag.OPENS_INBOUND);
    flags |= bit(!policy.excludedUsers().isEmpty(), Flag.USERS_EXCLUDED);
    for (var direction : Direction.values()) {
      var rules = direction.rules(policy);
      boolean excludes = !rules.excludedPorts().isEmpty() || direction == Direction.INBOUND;
      flags |= bit(!rules.includedPorts().isEmpty(), direction.flag("_PORTS_INCLUDED"));
      flags |= bit(excludes, direction.flag("_PORTS_EXCLUDED")); // inbound: the status ports
      flags |= bit(!rules.includedNetworks().isEmpty(), direction.flag("_NETWORKS_INCLUDED"));
      flags |= bit(hasNetworks(rules), direction.flag("_NETWORKS"));
    }
    return flags;
  }

  static boolean hasNetworks(PodPolicy.Rules rules) {
    return !rules.includedNetworks().isEmpty() || !rules.excludedNetworks().isEmpty();
  }

  private static int bit(boolean set, Flag flag) {
    return set ? 1 << flag.ordinal() : 0;
  }

  static void encodeRule(int pod, PodList list, int number, MemorySegment target) {
    target.set(JAVA_INT, 0, pod);
    target.set(JAVA_INT, 4, list.ordinal());
    target.set(JAVA_INT, 8, number);
  }

  static void encodeNetwork(int pod, Direction direction, Cidr network, MemorySegment target) {
    int mapped = network.address() instanceof Inet4Address ? AddressCodec.MAPPED_BITS : 0;
    target.set(JAVA_INT, 0, POD_AND_DIRECTION_BITS + mapped + network.prefixLength());
    target.set(JAVA_INT, 4, pod);
    target.set(JAVA_INT, 8, direction.ordinal());
    AddressCodec.encode(network.address(), target, 12);
  }

  /** {@code struct identity}: 24 bytes. */
  record Identity(Kind kind, long high, long low) {
    /** C: {@code enum identity_kind}, of which this is one less. */
    enum Kind {
      CGROUP,
      NETNS,
      ADDRESS
    }

    private static final StructLayout LAYOUT =
        new StructLayout(
            "identity", 24, Map.of("kind", at(0, 4), "words", at(8, 16), "address", at(8, 16)));

    static void check(Btf btf) {
      LAYOUT.check(btf);
      for (var kind : Kind.values()) {
        checkConstant(
            "identity_kind",
            btf.enumValues("identity_kind"),
            "IDENTITY_" + kind,
            kind.ordinal() + 1);
      }
    }

    static Identity of(InetAddress address) {
      var bytes = MemorySegment.ofArray(new long[2]);
      AddressCodec.encode(address, bytes, 0);
      return new Identity(Kind.ADDRESS, bytes.get(JAVA_LONG, 0), bytes.get(JAVA_LONG, 8));
    }

    void encode(MemorySegment target) {
      target.set(JAVA_INT, 0, kind.ordinal() + 1);
      target.set(JAVA_INT, 4, 0);
      target.set(JAVA_LONG, 8, high);
      target.set(JAVA_LONG, 16, low);
    }
  }

  /** {@code struct pod_change}: 16 bytes. */
  record PodChange(long generation, int before, int after) {
    /** Beside a pod's number: the cgroup is its sidecar's. */
    static final int SIDECAR_CGROUP = 1 << 31;

    private static final StructLayout LAYOUT =
        new StructLayout(
            "pod_change",
            16,
            Map.of("generation", at(0, 8), "before", at(8, 4), "after", at(12, 4)));

    static void check(Btf btf) {
      LAYOUT.check(btf);
    }

    void encode(MemorySegment target) {
      target.set(JAVA_LONG, 0, generation);
      target.set(JAVA_INT, 8, before);
      target.set(JAVA_INT, 12, after);
    }
  }
}
