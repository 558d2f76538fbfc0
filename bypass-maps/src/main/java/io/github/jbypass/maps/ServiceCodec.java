// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static io.github.jbypass.maps.StructLayout.at;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.github.jbypass.core.Btf;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** {@code struct service}. */
final class ServiceCodec {
  static final int SIZE = 64;

  private static final int NAME = 0;
  private static final int ENDED = 16;
  private static final int NETNS_COOKIE = 24;
  private static final int ADDRESS = 32;
  private static final int PORT = 48;
  private static final int BALANCE = 52;
  private static final int CONNECTIONS = 56;
  private static final int MESSAGES = 60;

  static final StructLayout LAYOUT =
      new StructLayout(
          "service",
          SIZE,
          Map.of(
              "name", at(NAME, 8),
              "ended", at(ENDED, 8),
              "netns_cookie", at(NETNS_COOKIE, 8),
              "address", at(ADDRESS, AddressCodec.SIZE),
              "port", at(PORT, 2),
              "balance", at(BALANCE, 4),
              "connections", at(CONNECTIONS, 4),
              "messages", at(MESSAGES, 4)));

  private final long debtOfAFlood;
  private final long pauseAfterAFlood;

  /** With the limits that the object was compiled with. */
  ServiceCodec(Btf btf) {
    LAYOUT.check(btf);
    var limits = btf.enumValues("service_limit");
    debtOfAFlood = limits.get("DEBT_LIMIT");
    pauseAfterAFlood = limits.get("FLOOD_INTERVAL");
  }

  /** A service, if the slot has one; now is a time of CLOCK_MONOTONIC, in nanoseconds. */
  Optional<Service> decode(MemorySegment source, long now) {
    long name = source.get(JAVA_LONG, NAME);
    if (name == 0) {
      return Optional.empty();
    }
    long ended = source.get(JAVA_LONG, ENDED);
    int balance = source.get(JAVA_INT, BALANCE);
    long since = Math.max(0, now - ended); // the kernel's clock is a coarse one
    boolean floods = balance <= -debtOfAFlood && since <= pauseAfterAFlood;
    return Optional.of(
        new Service(
            name,
            source.get(JAVA_LONG, NETNS_COOKIE),
            new InetSocketAddress(
                AddressCodec.decode(source, ADDRESS),
                Short.toUnsignedInt(source.get(JAVA_SHORT, PORT))),
            Integer.toUnsignedLong(source.get(JAVA_INT, CONNECTIONS)),
            Integer.toUnsignedLong(source.get(JAVA_INT, MESSAGES)),
            balance,
            ended == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(since)),
            !floods));
  }
}
