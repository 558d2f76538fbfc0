// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.pods;

import static io.github.jbypass.examples.pods.PolicyReader.LAST_PORT;

import io.github.jbypass.maps.Mesh;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads {@code mesh}: what differs from a preset. */
final class MeshReader {
  interface Field {
    void read(Value value, Mesh.Builder mesh);
  }

  static final Map<String, Field> FIELDS = new LinkedHashMap<>();

  static {
    FIELDS.put("outboundPort", (value, mesh) -> mesh.outboundPort(port(value)));
    FIELDS.put("inboundPort", (value, mesh) -> mesh.inboundPort(port(value)));
    FIELDS.put("dnsPort", (value, mesh) -> mesh.dnsPort(port(value)));
    FIELDS.put("sidecarUser", (value, mesh) -> mesh.sidecarUser(PolicyReader.id(value)));
    FIELDS.put("sidecarGroup", (value, mesh) -> mesh.sidecarGroup(PolicyReader.id(value)));
    FIELDS.put("passthrough", (value, mesh) -> mesh.passthroughFrom(addresses(value)));
    FIELDS.put("statusPorts", (value, mesh) -> mesh.statusPorts(ports(value)));
    FIELDS.put("opensInbound", (value, mesh) -> mesh.opensInbound(value.flag()));
  }

  private MeshReader() {}

  static Mesh read(Value overrides, Mesh preset) {
    Mesh.Builder builder = preset.toBuilder();
    overrides
        .fields(FIELDS.keySet())
        .forEach((name, value) -> value.as(given -> read(name, given, builder)));
    return overrides.as(_ -> builder.build());
  }

  private static Mesh.Builder read(String name, Value value, Mesh.Builder mesh) {
    FIELDS.get(name).read(value, mesh);
    return mesh;
  }

  private static int port(Value value) {
    return value.number(1, LAST_PORT);
  }

  private static int[] ports(Value list) {
    return list.list().stream().mapToInt(MeshReader::port).toArray();
  }

  private static InetAddress[] addresses(Value list) {
    return list.list().stream()
        .map(address -> address.parsed(InetAddress::ofLiteral))
        .toArray(InetAddress[]::new);
  }
}
