// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.maps.Counter;
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
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Enrolling costs a connection more than its first messages gain. */
@KernelTest
class ShortConnectionsTest {
  private static final int FLOOD = 2_000;
  private static final int UNTIL_A_FLOOD = 64; // connections
  private static final Duration SAMPLE_INTERVAL = Duration.ofMillis(10);
  private static final Duration LONGER_THAN_A_FLOODS_PAUSE = Duration.ofMillis(300);

  private final Resources resources = new Resources();
  private Bypass bypass;
  private Namespace namespace;

  @AfterEach
  void closeAll() {
    resources.close();
  }

  private void attach(Consumer<BypassBuilder> settings) {
    bypass = resources.add(DataPath.open(Mode.ACCELERATED, settings)).bypass();
    namespace = resources.add(Namespace.create()); // time-wait sockets disappear with it
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFloodOfThemIsLeftToTcpButForSamples(boolean clientClosesFirst) {
    attach(_ -> {});
    long start = System.nanoTime();
    inside(
        () -> {
          PosixSocket listener = listen();
          for (int i = 0; i < FLOOD; i++) {
            Pair pair = Pair.connect(Family.IPV4.clientSocket(), listener, Family.IPV4);
            converse(pair, 1);
            (clientClosesFirst ? pair.client() : pair.server()).close();
            (clientClosesFirst ? pair.server() : pair.client()).close();
          }
        });
    long samples = (System.nanoTime() - start) / SAMPLE_INTERVAL.toNanos() + 1;
    long paired = counter(Counter.CONNECTIONS_PAIRED);
    assertTrue(paired >= UNTIL_A_FLOOD, bypass.counters()::toString);
    assertTrue(
        paired <= UNTIL_A_FLOOD + 2 * samples,
        () -> bypass.counters() + ", and time for " + samples + " samples");
    assertEquals(FLOOD, paired + counter(Counter.REFUSED_SHORT));
  }

  @Test
  void whenTheFloodIsOverConnectionsAreEnrolledAgain() {
    attach(_ -> {});
    inside(
        () -> {
          PosixSocket listener = listen();
          flood(listener, FLOOD);
          Eventually.pause(LONGER_THAN_A_FLOODS_PAUSE);
          long before = counter(Counter.CONNECTIONS_PAIRED);
          talk(listener, 1);
          assertEquals(before + 1, counter(Counter.CONNECTIONS_PAIRED));
        });
  }

  @Test
  void whenTheyGetLongerAllAreEnrolledWithinASecond() {
    attach(_ -> {});
    inside(
        () -> {
          PosixSocket listener = listen();
          flood(listener, FLOOD);
          long end = System.nanoTime() + Duration.ofSeconds(1).toNanos();
          while (System.nanoTime() < end && !isEnrolled(listener)) {
            talk(listener, 5);
          }
          long before = counter(Counter.REFUSED_SHORT);
          for (int i = 0; i < 100; i++) {
            talk(listener, 5);
          }
          assertEquals(before, counter(Counter.REFUSED_SHORT));
        });
  }

  @Test
  void longOnesSaveUpForShortOnesButNotForever() {
    attach(_ -> {});
    inside(
        () -> {
          PosixSocket listener = listen();
          talk(listener, 5_000);
          flood(listener, 150);
          assertEquals(0, counter(Counter.REFUSED_SHORT));
          flood(listener, FLOOD);
        });
    assertTrue(counter(Counter.REFUSED_SHORT) > FLOOD / 2, bypass.counters()::toString);
  }

  @Test
  void uploadsCountAsMuchAsConversations() {
    attach(_ -> {});
    inside(
        () -> {
          PosixSocket listener = listen();
          for (int i = 0; i < FLOOD; i++) {
            try (Pair pair = Pair.connect(Family.IPV4.clientSocket(), listener, Family.IPV4)) {
              for (int message = 0; message < 8; message++) {
                pair.client().sendAll(new byte[] {1});
              }
              pair.server().receiveFully(8);
            }
          }
        });
    assertEquals(0, counter(Counter.REFUSED_SHORT));
  }

  @Test
  void oneLongConnectionInFiftyKeepsAllEnrolled() {
    attach(_ -> {});
    inside(
        () -> {
          PosixSocket listener = listen();
          for (int i = 0; i < FLOOD; i++) {
            talk(listener, i % 50 == 0 ? 10 : 1);
          }
        });
    assertEquals(0, counter(Counter.REFUSED_SHORT));
    assertEquals(FLOOD, counter(Counter.CONNECTIONS_PAIRED));
  }

  @Test
  void otherServicesDoNotSuffer() {
    attach(_ -> {});
    inside(
        () -> {
          PosixSocket other = listen();
          flood(listen(), FLOOD);
          long before = counter(Counter.CONNECTIONS_PAIRED);
          talk(other, 1);
          assertEquals(before + 1, counter(Counter.CONNECTIONS_PAIRED));
        });
  }

  @Test
  void allAreEnrolledOnRequest() {
    attach(BypassBuilder::enrolShortConnections);
    inside(() -> flood(listen(), FLOOD));
    assertEquals(0, counter(Counter.REFUSED_SHORT));
    assertEquals(FLOOD, counter(Counter.CONNECTIONS_PAIRED));
  }

  private void inside(Runnable task) {
    namespace.call(Executors.callable(task));
  }

  private boolean isEnrolled(PosixSocket listener) {
    return bypass.services().snapshot().stream()
        .filter(service -> service.address().equals(listener.localAddress()))
        .allMatch(Service::isEnrolled);
  }

  private long counter(Counter counter) {
    return bypass.counters().get(counter);
  }

  private PosixSocket listen() {
    return resources.add(Pair.listen(Family.IPV4));
  }

  private static void flood(PosixSocket listener, int connections) {
    for (int i = 0; i < connections; i++) {
      talk(listener, 1);
    }
  }

  private static void talk(PosixSocket listener, int turns) {
    try (Pair pair = Pair.connect(Family.IPV4.clientSocket(), listener, Family.IPV4)) {
      converse(pair, turns);
    }
  }

  private static void converse(Pair pair, int turns) {
    byte[] question = {1, 2, 3};
    byte[] answer = {4, 5};
    for (int turn = 0; turn < turns; turn++) {
      pair.client().sendAll(question);
      assertArrayEquals(question, pair.server().receiveFully(question.length));
      pair.server().sendAll(answer);
      assertArrayEquals(answer, pair.client().receiveFully(answer.length));
    }
  }
}
