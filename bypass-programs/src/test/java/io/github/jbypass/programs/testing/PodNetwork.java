// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.net.InetAddress;

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
    String subnet4 = "10.88." + number + ".";
    String subnet6 = "fd88:" + number + "::";
    Namespace namespace = resources.add(Namespace.create());
    String device = Namespace.join(router, subnet4 + "1/24", namespace, subnet4 + "2/24");
    router.address(device, subnet6 + "1/64");
    namespace.address(device, subnet6 + "2/64");
    namespace.execute("ip", "route", "add", "default", "via", subnet4 + "1");
    namespace.execute("ip", "-6", "route", "add", "default", "via", subnet6 + "1");
    return new Host(
        namespace,
        device,
        InetAddress.ofLiteral(subnet4 + "2"),
        InetAddress.ofLiteral(subnet6 + "2"));
  }

  @Override
  public void close() {
    resources.close();
  }
}
