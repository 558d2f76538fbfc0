// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.maps.BypassEvent;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Events;
import io.github.jbypass.maps.SocketKey;
import io.github.jbypass.programs.testing.Background;
import io.github.jbypass.programs.testing.DataPath;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Mode;
import io.github.jbypass.programs.testing.Namespace;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.testing.KernelTest;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whoever listens hears what happens to connections, and not more than it wants to. */
@KernelTest
class EventsTest {
  private static final int BURST = 256;
  private static final int STORM = 20_000;
  private static final int EVENTS_A_CONNECTION = 3; // paired, and closed at either end
  private static final Duration SOON = Duration.ofSeconds(10);

  private final Resources resources = new Resources();
  private final Bypass bypass =
      resources.add(DataPath.open(Mode.ACCELERATED, BypassBuilder::enrolShortConnections)).bypass();

  @AfterEach
  void closeAll() {
    resources.close();
  }

  @Test
  void theLifeOfAConnectionIsToldInOrder() {
    try (Events events = bypass.events()) {
      long before = System.nanoTime();
      Pair pair = resources.add(Pair.connect(Family.IPV4));
      SocketKey client = key(false);
      SocketKey server = key(true);
      pair.client().sendAll(new byte[1]);
      bypass.disable();
      pair.client().sendAll(new byte[1]);
      pair.client().sendAll(new byte[1]);
      bypass.enable();
      pair.server().receiveFully(3);
      pair.client().sendAll(new byte[1]);
      pair.server().receiveFully(1);
      pair.close();
      List<BypassEvent> told = poll(events, 5);

      BypassEvent.Paired paired = assertInstanceOf(BypassEvent.Paired.class, told.get(0));
      assertEquals(client, paired.key());
      assertEquals(server, paired.peer().key());
      BypassEvent.MovedToTcp moved = assertInstanceOf(BypassEvent.MovedToTcp.class, told.get(1));
      assertEquals(client, moved.key());
      assertEquals(paired.cookie(), moved.cookie());
      assertEquals(Counter.TCP_DISABLED, moved.reason());
      BypassEvent.Back back = assertInstanceOf(BypassEvent.Back.class, told.get(2));
      assertEquals(client, back.key());
      assertEquals(paired.peer(), back.peer());
      List<Long> closed = new ArrayList<>();
      for (BypassEvent event : told.subList(3, 5)) {
        assertInstanceOf(BypassEvent.Closed.class, event);
        closed.add(event.cookie());
      }
      assertTrue(closed.containsAll(List.of(paired.cookie(), paired.peer().cookie())));
      long last = before;
      for (BypassEvent event : told) {
        assertTrue(event.nanoTime() >= last, "times follow the order");
        last = event.nanoTime();
      }
      assertTrue(last <= System.nanoTime());
    }
  }

  @Test
  void sendingToAPeerThatIsGoneMovesToTcp() {
    try (Events events = bypass.events()) {
      Pair pair = resources.add(Pair.connect(Family.IPV4));
      pair.server().close();
      pair.client().sendAll(new byte[1]);
      Set<Counter> expected =
          Set.of(Counter.TCP_PEER_CLOSED, Counter.TCP_NOT_FOUND, Counter.TCP_UNREAD);
      BypassEvent.MovedToTcp moved =
          poll(events, 4).stream()
              .filter(BypassEvent.MovedToTcp.class::isInstance)
              .map(BypassEvent.MovedToTcp.class::cast)
              .findAny()
              .orElseThrow();
      assertTrue(expected.contains(moved.reason()), moved::toString);
    }
  }

  @Test
  void aWaitingListenerIsWoken() {
    try (Events events = bypass.events()) {
      var told = Background.call(() -> poll(events, 1));
      Eventually.pause(Duration.ofMillis(50));
      resources.add(Pair.connect(Family.IPV6));
      assertInstanceOf(BypassEvent.Paired.class, told.join().getFirst());

      var silence = Background.call(() -> events.poll(_ -> {}, Duration.ofMinutes(1)));
      Eventually.pause(Duration.ofMillis(50));
      events.wakeup();
      assertEquals(0, silence.join());
    }
  }

  @Test
  void withoutAListenerNothingIsTold() {
    resources.add(Pair.connect(Family.IPV4)).close();
    bypass.events().close();
    Pair unheard = resources.add(Pair.connect(Family.IPV4));
    try (Events events = bypass.events()) {
      assertEquals(0, events.poll(_ -> {}, Duration.ZERO));
      assertEquals(0, events.suppressed());
      assertEquals(0, events.dropped());

      unheard.close();
      poll(events, 2);
    }
  }

  @Test
  void thereIsOneListener() {
    try (Events events = bypass.events()) {
      BpfException refused = assertThrows(BpfException.class, bypass::events);
      assertTrue(
          refused.getMessage().contains("process " + ProcessHandle.current().pid()),
          refused::getMessage);
      assertEquals(0, events.poll(_ -> {}, Duration.ZERO));
    }
    bypass.events().close();
  }

  @Test
  void aListenerThatDiedIsSucceeded() throws Exception {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    bypass.object().global("event_listener").set(ValueLayout.JAVA_INT, 0, (int) gone.pid());
    resources.add(Pair.connect(Family.IPV4)); // told to nobody
    try (Events events = bypass.events()) {
      assertEquals(0, events.poll(_ -> {}, Duration.ZERO));
      Pair pair = resources.add(Pair.connect(Family.IPV4));
      assertEquals(pair.client().localAddress(), poll(events, 1).getFirst().key().local());
    }
  }

  @Test
  void closingTheBypassEndsTheListening() {
    Events events = bypass.events();
    var silence = Background.call(() -> events.poll(_ -> {}, Duration.ofMinutes(1)));
    Eventually.pause(Duration.ofMillis(50));
    bypass.close();

    assertEquals(0, silence.join());
    assertThrows(IllegalStateException.class, () -> events.poll(_ -> {}, Duration.ZERO));
    assertThrows(IllegalStateException.class, bypass::events);
    events.close();
  }

  @Test
  void aListenerThatDoesNotPollMissesWhatTheBufferCannotHold() {
    int connections = 1_000;
    try (Events events = bypass.events()) {
      events.limit(1_000_000);
      assertEquals(0, events.fill());
      storm(connections);
      Eventually.assertBecomes(
          (long) EVENTS_A_CONNECTION * connections,
          () -> events.dropped() + events.suppressed() + buffered(events),
          "events");
      assertTrue(events.dropped() > 0);
      assertTrue(events.fill() > 0.99, () -> "filled to " + events.fill());
      assertEquals(buffered(events), events.poll(_ -> {}, Duration.ZERO));
      assertEquals(0, events.fill());
    }
  }

  /** Whatever happens, the listener gets no more than its limit, and learns what it did not get. */
  @Test
  void aStormOfConnectionsIsToldWithinTheLimitAndCounted() {
    int perSecond = 500;
    int cpus = Runtime.getRuntime().availableProcessors();
    try (Events events = bypass.events()) {
      events.limit(perSecond);
      long[] told = {0};
      long begin = System.nanoTime();
      var storm = Background.run(() -> storm(STORM));
      while (!storm.isDone()) {
        events.poll(_ -> told[0]++, Duration.ofMillis(100));
      }
      storm.join();
      Eventually.assertBecomes(
          (long) EVENTS_A_CONNECTION * STORM,
          () -> {
            events.poll(_ -> told[0]++, Duration.ZERO);
            return told[0] + events.suppressed() + events.dropped();
          },
          "told, suppressed or dropped");
      double seconds = (System.nanoTime() - begin) / 1e9;

      assertEquals(STORM, bypass.counters().get(Counter.CONNECTIONS_PAIRED));
      double most = cpus * (perSecond * seconds + BURST + 1);
      assertTrue(told[0] <= most, () -> told[0] + " events in " + seconds + " s");
      assertTrue(told[0] >= BURST, () -> told[0] + " events");
      assertTrue(events.suppressed() > STORM, () -> events.suppressed() + " suppressed");
      assertEquals(0, events.dropped());
    }
  }

  @Test
  void limitsThatAreNoneAreRefused() {
    try (Events events = bypass.events()) {
      assertThrows(IllegalArgumentException.class, () -> events.limit(0));
      assertThrows(IllegalArgumentException.class, () -> events.limit(1_000_001));
    }
  }

  /** The ring's 136 bytes an event. */
  private static int buffered(Events events) {
    return (int) Math.round(events.fill() * (1 << 18) / 136);
  }

  private void storm(int connections) {
    try (Namespace namespace = Namespace.create();
        PosixSocket listener = namespace.call(() -> Pair.listen(Family.IPV4))) {
      namespace.call(
          Executors.callable(
              () -> {
                for (int i = 0; i < connections; i++) {
                  PosixSocket client = Family.IPV4.clientSocket().resetOnClose();
                  Pair.connect(client, listener, Family.IPV4).close();
                }
              }));
    }
  }

  private SocketKey key(boolean server) {
    return bypass.flows().snapshot().stream()
        .filter(flow -> flow.isServer() == server)
        .findAny()
        .orElseThrow()
        .key();
  }

  private static List<BypassEvent> poll(Events events, int count) {
    List<BypassEvent> told = new ArrayList<>();
    Eventually.within(
        SOON,
        () -> {
          events.poll(told::add, Duration.ofMillis(100));
          return told.size() >= count;
        });
    assertEquals(count, told.size(), told::toString);
    return told;
  }
}
