// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Service;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What passes a sidecar is learned for each of the destinations behind it. */
class InterceptServicesTest extends InterceptionTest {
  private static final int FLOOD = 500;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final byte[] WORD = {1};

  @BeforeEach
  void makePods() {
    intercept();
  }

  @ParameterizedTest
  @EnumSource
  void aFloodToOneDestinationLeavesTheOthersAlone(Family family) {
    PosixSocket sidecar = outboundOf(client, family);
    InetSocketAddress flooded = server.at(family, SERVICE);
    InetSocketAddress other = server.at(family, SERVICE + 1);
    boolean noticed = // a machine that stands still for a moment ends a flood
        Eventually.within(
            PATIENCE,
            () -> {
              for (int i = 0; i < FLOOD; i++) {
                talk(family, flooded, sidecar);
              }
              return !service(flooded).isEnrolled();
            });
    assertTrue(noticed, () -> service(flooded).toString());

    long before = bypass.counters().get(Counter.CONNECTIONS_PAIRED);
    talk(family, other, sidecar);
    assertEquals(before + 1, bypass.counters().get(Counter.CONNECTIONS_PAIRED));
    assertTrue(service(other).isEnrolled());
  }

  private void talk(Family family, InetSocketAddress target, PosixSocket sidecar) {
    try (PosixSocket application = client.client(family).resetOnClose()) {
      application.connect(target);
      try (PosixSocket accepted = sidecar.accept();
          Pair pair = new Pair(application, accepted)) {
        pair.client().sendAll(WORD);
        pair.server().receiveFully(1);
        pair.server().sendAll(WORD);
        pair.client().receiveFully(1);
      }
    }
  }

  private Service service(InetSocketAddress address) {
    return bypass.services().snapshot().stream()
        .filter(service -> service.address().equals(address))
        .findAny()
        .orElseThrow();
  }
}
