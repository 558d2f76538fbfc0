// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.RouteMessage;
import io.github.jbypass.core.internal.RouteSocket;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A network device, such as an Ethernet interface or one end of a veth pair.
 *
 * @param namespace the network namespace that it is in
 * @param name its name there, which can change
 * @param index its number there, which can't change
 */
public record NetworkDevice(NetworkNamespace namespace, String name, int index) {
  private static final int RTM_GETLINK = 18;
  private static final int IFINFO_SIZE = 16; // struct ifinfomsg
  private static final int IFINFO_INDEX = 4;
  private static final int IFLA_IFNAME = 3;

  static List<NetworkDevice> list(NetworkNamespace namespace, RouteSocket socket) {
    var found = new ArrayList<RouteMessage>();
    var all = RouteMessage.create().put(0).put(0).put(0).put(0);
    Failure.check(
        "list the devices of", namespace.toString(), socket.list(RTM_GETLINK, all, found));
    return found.stream()
        .map(
            link ->
                new NetworkDevice(
                    namespace,
                    link.attribute(IFINFO_SIZE, IFLA_IFNAME).text(),
                    link.field(IFINFO_INDEX)))
        .sorted(Comparator.comparingInt(NetworkDevice::index))
        .toList();
  }

  @Override
  public String toString() {
    return "device " + name + " in " + namespace;
  }
}
