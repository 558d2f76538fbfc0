// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.maps.Service;
import io.github.jbypass.programs.testing.DataPath;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Mode;
import io.github.jbypass.programs.testing.Namespace;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.testing.KernelTest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What was learned of short connections can be seen. */
@KernelTest
class ServicesTest {
  private static final int STREAK = 64;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LONGER_THAN_A_FLOODS_PAUSE = Duration.ofMillis(300);

  private final Resources resources = new Resources();
  private final DataPath path = resources.add(DataPath.open(Mode.ACCELERATED));
  private final Bypass bypass = path.bypass();

  @AfterEach
  void closeAll() {
    resources.close();
  }

  @Test
  void aServiceIsKnownByItsAddressFromTheFirstConnectionOn() {
    PosixSocket listener = resources.add(Pair.listen(Family.IPV4));
    assertEquals(Optional.empty(), find(listener));

    talk(listener, 1);
    Service service = service(listener);
    assertTrue(service.isEnrolled());
    Eventually.assertBecomes(1L, () -> service(listener).connections(), "ended connections");
    Eventually.assertBecomes(2L, () -> service(listener).messages(), "messages");
    Duration since = service(listener).sinceEnd().orElseThrow();
    assertTrue(since.compareTo(Duration.ofSeconds(10)) < 0, since::toString);
  }

  @Test
  void aFlowNamesItsService() {
    PosixSocket listener = resources.add(Pair.listen(Family.IPV4));
    resources.add(Pair.connect(Family.IPV4.clientSocket(), listener, Family.IPV4));
    bypass.flows().forEach(flow -> assertEquals(service(listener).name(), flow.service()));
  }

  @Test
  void aFloodOfShortConnectionsShowsUntilItIsOver() {
    PosixSocket listener = resources.add(Pair.listen(Family.IPV4));
    boolean noticed = // a machine that stands still for a moment ends a flood
        Eventually.within(
            PATIENCE,
            () -> {
              for (int i = 0; i < 2 * STREAK; i++) {
                talk(listener, 1);
              }
              return !service(listener).isEnrolled();
            });
    Service flooded = service(listener);
    assertTrue(noticed, flooded::toString);
    assertEquals(2 * flooded.connections(), flooded.messages(), flooded::toString);
    assertTrue(flooded.connections() >= STREAK, flooded::toString);

    Eventually.pause(LONGER_THAN_A_FLOODS_PAUSE);
    assertTrue(service(listener).isEnrolled());
  }

  @Test
  void aLongConnectionPaysTheDebtOfShortOnesBeforeItsEnd() {
    PosixSocket listener = resources.add(Pair.listen(Family.IPV4));
    talk(listener, 1);
    Eventually.assertBecomes(-6L, () -> service(listener).balance(), "balance");
    try (Pair pair = Pair.connect(Family.IPV4.clientSocket(), listener, Family.IPV4)) {
      talk(pair, 4);
      assertEquals(0, service(listener).balance());
    }
  }

  @Test
  void whatAConnectionCarriesBeyondItsCostIsSavedUp() {
    PosixSocket listener = resources.add(Pair.listen(Family.IPV4));
    talk(listener, 20);
    Eventually.assertBecomes(40L, () -> service(listener).messages(), "messages");
    assertEquals(40 - 8, service(listener).balance());
  }

  @Test
  void servicesOfOneLoopbackAddressAndPortInTwoNamespacesAreTwo() {
    try (Namespace namespace = Namespace.create()) {
      assertTrue( // two may fall on one place: then those of the next port don't
          Eventually.within(PATIENCE, () -> servicesOfOneAddress(namespace) == 2));
    }
  }

  private long servicesOfOneAddress(Namespace namespace) {
    PosixSocket listener = resources.add(Pair.listen(Family.IPV4));
    InetSocketAddress address = listener.localAddress();
    talk(listener, 1);
    namespace.call(
        () -> {
          PosixSocket same = resources.add(PosixSocket.tcp(PosixSocket.Domain.INET));
          talk(same.bind(address.getAddress(), address.getPort()).listen(1), 1);
          return null;
        });
    return bypass.services().snapshot().stream()
        .filter(service -> service.address().equals(address))
        .count();
  }

  @Test
  void whereShortConnectionsAreEnrolledNothingIsLearned() {
    try (DataPath all =
        path.outside(() -> DataPath.open(Mode.ACCELERATED, BypassBuilder::enrolShortConnections))) {
      PosixSocket listener = resources.add(Pair.listen(Family.IPV4));
      talk(listener, 1);
      assertTrue(all.bypass().services().snapshot().isEmpty());
    }
  }

  private Service service(PosixSocket listener) {
    return find(listener).orElseThrow();
  }

  private Optional<Service> find(PosixSocket listener) {
    return bypass.services().snapshot().stream()
        .filter(service -> service.address().equals(listener.localAddress()))
        .findAny();
  }

  private static void talk(PosixSocket listener, int turns) {
    try (Pair pair = Pair.connect(Family.IPV4.clientSocket(), listener, Family.IPV4)) {
      talk(pair, turns);
    }
  }

  private static void talk(Pair pair, int turns) {
    byte[] word = {1, 2, 3};
    for (int turn = 0; turn < turns; turn++) {
      pair.client().sendAll(word);
      assertArrayEquals(word, pair.server().receiveFully(word.length));
      pair.server().sendAll(word);
      assertArrayEquals(word, pair.client().receiveFully(word.length));
    }
  }
}
