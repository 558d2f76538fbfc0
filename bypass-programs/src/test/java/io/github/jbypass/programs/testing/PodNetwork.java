// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

/** Hosts in namespaces of their own, such as pods, that reach each other through a router. */
public final class PodNetwork implements AutoCloseable {
  private final Resources resources = new Resources();
  private final Namespace router;
  private int hosts;

  private PodNetwork() {
    router = resources.add(Namespace.create());
    router.sysctl("ipv4/ip_forward", "1").sysctl("ipv6/conf/all/forwarding", "1");
  }

  public static PodNetwork create() {
    return new PodNetwork();
  }

  /** A host with an IPv4 and an IPv6 address. */
  public Host addHost() {
    int number = ++hosts;
    Namespace namespace = resources.add(Namespace.create());
    return configure(number, namespace, joinRouter(number, namespace));
  }

  /** A host whose addresses belong to a bridge, of which its device is a port. */
  public Host addBridgedHost() {
    int number = ++hosts;
    Namespace namespace = resources.add(Namespace.create());
    String port = joinRouter(number, namespace);
    namespace.execute("ip", "link", "add", "bridge", "type", "bridge");
    namespace.execute("ip", "link", "set", port, "master", "bridge");
    return configure(number, namespace.up("bridge"), "bridge");
  }

  /** Has the router take only packets of that size for a host, which knows nothing of it. */
  public void narrowPathTo(Host host, int mtu) {
    router.execute("ip", "link", "set", host.device(), "mtu", Integer.toString(mtu));
  }

  /** Makes all addresses of a network a host's. */
  public void route(String network, Host host) {
    boolean ipv6 = network.indexOf(':') >= 0;
    String via = (ipv6 ? host.ipv6() : host.ipv4()).getHostAddress();
    router.execute("ip", ipv6 ? "-6" : "-4", "route", "add", network, "via", via);
    host.namespace()
        .execute("ip", ipv6 ? "-6" : "-4", "route", "add", "local", network, "dev", "lo");
  }

  private String joinRouter(int number, Namespace namespace) {
    String device = Namespace.join(router, subnet4(number) + "1/24", namespace);
    router.address(device, subnet6(number) + "1/64");
    return device;
  }

  private static Host configure(int number, Namespace namespace, String device) {
    String ipv4 = subnet4(number) + "2";
    String ipv6 = subnet6(number) + "2";
    namespace.address(device, ipv4 + "/24").address(device, ipv6 + "/64");
    namespace.execute("ip", "route", "add", "default", "via", subnet4(number) + "1");
    namespace.execute("ip", "-6", "route", "add", "default", "via", subnet6(number) + "1");
    return new Host(namespace, device, Family.address(ipv4), Family.address(ipv6));
  }

  private static String subnet4(int number) {
    return "10.88." + number + ".";
  }

  private static String subnet6(int number) {
    return "fd88:" + number + "::";
  }

  @Override
  public void close() {
    resources.close();
  }
}
