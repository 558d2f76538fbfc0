// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.time.Duration;
import java.util.function.UnaryOperator;

/**
 * Two hosts whose packets the test carries, as they are or changed. Their checksums are real ones:
 * the kernels at both ends verify what they receive, and compute what they send.
 */
public final class Wire implements AutoCloseable {
  private static final String DEVICE = "wire";
  private static final String LEFT4 = "10.66.0.1";
  private static final String RIGHT4 = "10.66.0.2";
  private static final String LEFT6 = "fd66::1";
  private static final String RIGHT6 = "fd66::2";
  private static final String LEFT_MAC = "02:00:00:00:00:01";
  private static final String RIGHT_MAC = "02:00:00:00:00:02";
  private static final byte[] RIGHT_MAC_BYTES = {2, 0, 0, 0, 0, 2};

  private final Resources resources = new Resources();
  private final Host left;
  private final Host right;

  private Wire(boolean ethernet, UnaryOperator<byte[]> toRight, UnaryOperator<byte[]> toLeft) {
    Namespace leftNamespace = resources.add(Namespace.create());
    Namespace rightNamespace = resources.add(Namespace.create());
    TunDevice leftTun = resources.add(leftNamespace.call(() -> TunDevice.create(DEVICE)));
    TunDevice rightTun =
        resources.add(
            rightNamespace.call(
                () -> ethernet ? TunDevice.createEthernet(DEVICE) : TunDevice.create(DEVICE)));
    left = configure(leftNamespace, LEFT4, LEFT6);
    if (ethernet) {
      rightNamespace.execute("ip", "link", "set", DEVICE, "address", RIGHT_MAC);
    }
    right = configure(rightNamespace, RIGHT4, RIGHT6);
    if (ethernet) {
      addNeighbour(rightNamespace, LEFT4);
      addNeighbour(rightNamespace, LEFT6);
    }
    resources.add(Forwarder.start(leftTun, rightTun, Duration.ZERO, toRight));
    resources.add(Forwarder.start(rightTun, leftTun, Duration.ZERO, toLeft));
  }

  /** Changes packets on their way. */
  public static Wire create(UnaryOperator<byte[]> toRight, UnaryOperator<byte[]> toLeft) {
    return new Wire(false, toRight, toLeft);
  }

  /** The right host gets Ethernet frames with that many VLAN tags. */
  public static Wire tagged(int tags) {
    return new Wire(
        true,
        packet ->
            Packets.isTcp(packet) ? Packets.framed(packet, RIGHT_MAC_BYTES, tags) : new byte[0],
        Packets::unframed);
  }

  private static Host configure(Namespace namespace, String ipv4, String ipv6) {
    namespace.up(DEVICE).address(DEVICE, ipv4 + "/24").address(DEVICE, ipv6 + "/64");
    return new Host(namespace, DEVICE, Family.address(ipv4), Family.address(ipv6));
  }

  private static void addNeighbour(Namespace namespace, String address) {
    namespace.execute("ip", "neigh", "replace", address, "lladdr", LEFT_MAC, "dev", DEVICE);
  }

  public Host left() {
    return left;
  }

  public Host right() {
    return right;
  }

  @Override
  public void close() {
    resources.close();
  }
}
