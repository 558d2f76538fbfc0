// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Flow;
import io.github.jbypass.maps.Service;
import io.github.jbypass.maps.SocketKey;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Flows and services as tables and as JSON. */
final class FlowView {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

  private FlowView() {}

  static List<String> flowTable(List<Flow> flows) {
    var table =
        new TextTable(
            6,
            "LOCAL",
            "REMOTE",
            "PEER",
            "NETNS",
            "ROLE",
            "NOW",
            "MESSAGES",
            "BYTES",
            "TCP MESSAGES",
            "TCP BYTES",
            "QUEUED");
    for (var flow : flows) {
      table.add(
          text(flow.key().local()),
          text(flow.key().remote()),
          peer(flow),
          Long.toUnsignedString(flow.key().netnsCookie()),
          flow.isServer() ? "server" : "client",
          name(flow.verdict()),
          flow.redirected().messages(),
          size(flow.redirected().bytes()),
          flow.tcp().messages(),
          size(flow.tcp().bytes()),
          flow.queued().isPresent() ? size(flow.queued().getAsLong()) : "?");
    }
    return table.lines();
  }

  static List<String> serviceTable(List<Service> services) {
    var table =
        new TextTable(
            4,
            "SERVICE",
            "NETNS",
            "ENROLLED",
            "LAST END",
            "CONNECTIONS",
            "MESSAGES EACH",
            "BALANCE");
    for (var service : services) {
      table.add(
          text(service.address()),
          Long.toUnsignedString(service.netnsCookie()),
          service.isEnrolled() ? "all" : "samples",
          service
              .sinceEnd()
              .map(since -> "%.1f s ago".formatted(since.toMillis() / 1e3))
              .orElse("never"),
          service.connections(),
          messagesEach(service).map("%.1f"::formatted).orElse("?"),
          service.balance());
    }
    return table.lines();
  }

  static Map<String, Object> json(Flow flow) {
    var json = new LinkedHashMap<String, Object>(json(flow.key()));
    json.put("cookie", flow.cookie());
    json.put("role", flow.isServer() ? "server" : "client");
    json.put(
        "peer",
        flow.peer()
            .map(
                peer -> {
                  var inner = new LinkedHashMap<String, Object>(json(peer.key()));
                  inner.put("cookie", peer.cookie());
                  return inner;
                })
            .orElse(null));
    json.put("now", name(flow.verdict()));
    json.put("messages", flow.redirected().messages());
    json.put("bytes", flow.redirected().bytes());
    var reasons = new LinkedHashMap<String, Object>();
    flow.overTcp()
        .forEach(
            (reason, tally) ->
                reasons.put(
                    name(reason), Map.of("messages", tally.messages(), "bytes", tally.bytes())));
    json.put("tcp", reasons);
    json.put("queued", flow.queued().isPresent() ? flow.queued().getAsLong() : null);
    return json;
  }

  static Map<String, Object> json(Service service) {
    var json = new LinkedHashMap<String, Object>();
    json.put("service", text(service.address()));
    json.put("netns", Long.toUnsignedString(service.netnsCookie()));
    json.put("enrolled", service.isEnrolled() ? "all" : "samples");
    json.put("connections", service.connections());
    json.put("messages_each", messagesEach(service).orElse(null));
    json.put("balance", service.balance());
    json.put("seconds_since_end", service.sinceEnd().map(d -> d.toMillis() / 1e3).orElse(null));
    return json;
  }

  private static Optional<Double> messagesEach(Service service) {
    return service.connections() == 0
        ? Optional.empty()
        : Optional.of((double) service.messages() / service.connections());
  }

  static Map<String, Object> json(SocketKey key) {
    var json = new LinkedHashMap<String, Object>();
    json.put("netns", Long.toUnsignedString(key.netnsCookie()));
    json.put("local", text(key.local()));
    json.put("remote", text(key.remote()));
    return json;
  }

  /** Where the peer lives, if that is not what the socket itself sees. */
  private static String peer(Flow flow) {
    return flow.peer()
        .map(
            peer -> peer.key().local().equals(flow.key().remote()) ? "=" : text(peer.key().local()))
        .orElse("none");
  }

  static String name(Counter reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  static String text(InetSocketAddress address) {
    var host = address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }

  /** In the unit that leaves at most four digits before the point. */
  static String size(long bytes) {
    double number = bytes;
    int unit = 0;
    while (number >= 10_000 && unit < UNITS.length - 1) {
      number /= 1024;
      unit++;
    }
    return (unit == 0 ? "%.0f %s" : "%.1f %s").formatted(number, UNITS[unit]);
  }
}
