// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.net.InetAddress;
import java.time.Duration;

/** Two namespaces whose packets to each other arrive late, but complete and in order. */
public final class DelayedLink implements AutoCloseable {
  private static final String LEFT4 = "10.77.0.1";
  private static final String RIGHT4 = "10.77.0.2";
  private static final String LEFT6 = "fd77::1";
  private static final String RIGHT6 = "fd77::2";

  private final Resources resources = new Resources();
  private final Namespace left;
  private final Namespace right;

  private DelayedLink(Duration delay) {
    left = resources.add(Namespace.create());
    right = resources.add(Namespace.create());
    TunDevice leftTun = resources.add(left.call(() -> TunDevice.create("slow")));
    TunDevice rightTun = resources.add(right.call(() -> TunDevice.create("slow")));
    left.address("slow", LEFT4 + "/24").address("slow", LEFT6 + "/64").up("slow");
    right.address("slow", RIGHT4 + "/24").address("slow", RIGHT6 + "/64").up("slow");
    resources.add(Forwarder.start(leftTun, rightTun, delay));
    resources.add(Forwarder.start(rightTun, leftTun, delay));
  }

  /** A link whose packets take that long in either direction. */
  public static DelayedLink create(Duration delay) {
    return new DelayedLink(delay);
  }

  public Namespace left() {
    return left;
  }

  public Namespace right() {
    return right;
  }

  /** The right end's address, as a client of that family calls it. */
  public InetAddress rightAddress(Family family) {
    return Family.address(family == Family.IPV6 ? RIGHT6 : RIGHT4);
  }

  @Override
  public void close() {
    resources.close();
  }
}
