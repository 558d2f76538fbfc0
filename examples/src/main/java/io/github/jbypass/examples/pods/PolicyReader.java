// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.pods;

import io.github.jbypass.maps.Cidr;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.PodPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a pod's {@code policy}. */
final class PolicyReader {
  interface Field {
    void read(Value value, PodPolicy.Builder policy);
  }

  static final int LAST_PORT = 65_535;

  static final Map<String, Field> FIELDS = new LinkedHashMap<>();

  static {
    FIELDS.put("includeOutboundPorts", (value, to) -> to.includeOutboundPorts(ports(value)));
    FIELDS.put("excludeOutboundPorts", (value, to) -> to.excludeOutboundPorts(ports(value)));
    FIELDS.put("includeOutboundNetworks", (value, to) -> to.includeOutboundNetworks(nets(value)));
    FIELDS.put("excludeOutboundNetworks", (value, to) -> to.excludeOutboundNetworks(nets(value)));
    FIELDS.put("includeInboundPorts", (value, to) -> to.includeInboundPorts(ports(value)));
    FIELDS.put("excludeInboundPorts", (value, to) -> to.excludeInboundPorts(ports(value)));
    FIELDS.put("includeInboundNetworks", (value, to) -> to.includeInboundNetworks(nets(value)));
    FIELDS.put("excludeInboundNetworks", (value, to) -> to.excludeInboundNetworks(nets(value)));
    FIELDS.put("excludeUsers", (value, to) -> to.excludeUsers(ids(value)));
    FIELDS.put("captureDns", (value, to) -> to.captureDns(value.flag()));
    FIELDS.put("statusPort", (value, to) -> to.statusPort(value.number(1, LAST_PORT)));
    FIELDS.put("sidecarUser", (value, to) -> to.sidecarUser(id(value)));
    FIELDS.put("sidecarGroup", (value, to) -> to.sidecarGroup(id(value)));
  }

  private PolicyReader() {}

  static PodPolicy read(Value policy, Mesh mesh) {
    PodPolicy.Builder builder = PodPolicy.builder();
    Map<String, Value> fields = policy.fields(FIELDS.keySet());
    fields.forEach((name, value) -> FIELDS.get(name).read(value, builder));
    Value captureDns = fields.get("captureDns");
    if (captureDns != null && captureDns.flag() && mesh.dnsPort().isEmpty()) {
      throw captureDns.wrong("%s has no DNS port; give one: mesh.dnsPort".formatted(mesh));
    }
    return builder.build();
  }

  /** The id of a user or group. */
  static int id(Value value) {
    return value.number(0, Integer.MAX_VALUE);
  }

  private static int[] ids(Value list) {
    return list.list().stream().mapToInt(PolicyReader::id).toArray();
  }

  private static int[] ports(Value list) {
    return PortRange.ports(list.list().stream().map(PolicyReader::range).toList());
  }

  private static PortRange range(Value value) {
    if (value.isNumber()) {
      int port = value.number(1, LAST_PORT);
      return new PortRange(port, port);
    }
    return value.parsed(PortRange::parse);
  }

  private static List<Cidr> nets(Value list) {
    return list.list().stream().map(network -> network.parsed(Cidr::parse)).toList();
  }
}
