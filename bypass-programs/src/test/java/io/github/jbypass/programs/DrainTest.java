// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.maps.Counter;
import io.github.jbypass.programs.testing.Content;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.programs.testing.Traffic;
import io.github.jbypass.programs.testing.Traffic.Shape;
import io.github.jbypass.testing.KernelTest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No new pairs, nothing more redirected, until everything is read. */
@KernelTest
class DrainTest extends PinnedCase {
  private static final Content CONTENT = new Content(23);
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(20);

  @Test
  void aReaderThatStallsIsReportedWithItsBytes() {
    Bypass bypass = resources.add(builder().load().attach());
    Pair pair = connect();
    pair.client().sendAll(CONTENT.bytes(0, 5_000));

    DrainReport report = bypass.drain(SHORT);
    assertFalse(report.isDrained());
    assertEquals(5_000, report.bytes());
    assertEquals(1, report.left().size());
    assertEquals(
        pair.server().localAddress().getPort(), report.left().getFirst().key().local().getPort());
    assertTrue(report.toString().contains("5000"), report.toString());

    assertArrayEquals(CONTENT.bytes(0, 5_000), pair.server().receiveFully(5_000));
    assertTrue(bypass.drain(LONG).isDrained());
  }

  @Test
  void itWaitsForTheReader() {
    Bypass bypass = resources.add(builder().load().attach());
    Pair pair = connect();
    pair.client().sendAll(CONTENT.bytes(0, 5_000));
    var drained = CompletableFuture.supplyAsync(() -> bypass.drain(LONG));
    Eventually.pause(SHORT);
    assertFalse(drained.isDone());
    assertArrayEquals(CONTENT.bytes(0, 5_000), pair.server().receiveFully(5_000));
    assertTrue(drained.join().isDrained());
  }

  @Test
  void drainedNothingIsEnrolledOrRedirectedUntilItIsSwitchedOn() {
    Bypass bypass = resources.add(builder().load().attach());
    Pair old = connect();
    Talk.on(old, 1);
    long redirected = bypass.counters().get(Counter.REDIRECTED);
    assertTrue(bypass.drain(LONG).isDrained());
    assertFalse(bypass.isEnabled());

    Talk.on(old, 2);
    Talk.on(connect(), 3);
    assertEquals(redirected, bypass.counters().get(Counter.REDIRECTED));
    assertEquals(1, bypass.counters().get(Counter.CONNECTIONS_PAIRED));
    assertEquals(1, bypass.counters().get(Counter.REFUSED_DRAINING));

    bypass.enable();
    Talk.on(old, 4);
    Talk.on(connect(), 5);
    assertTrue(bypass.counters().get(Counter.REDIRECTED) > redirected);
    assertEquals(2, bypass.counters().get(Counter.CONNECTIONS_PAIRED));
  }

  @Test
  void underLoadItDrainsAndNothingIsLost() {
    Bypass bypass = resources.add(builder().load().attach());
    Traffic traffic = resources.add(Traffic.start(connect(8), Shape.endless()));
    for (int i = 0; i < 10; i++) {
      traffic.awaitMore(200);
      DrainReport report = bypass.drain(LONG);
      assertTrue(report.isDrained(), report::toString);
      traffic.awaitMore(200);
      bypass.enable();
    }
    traffic.stop().await();
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 10_000_000_000L, Long.MAX_VALUE})
  void anyTimeoutWillDo(long seconds) {
    Bypass bypass = resources.add(builder().load().attach());
    Pair pair = connect();
    Talk.on(pair, 1);
    assertTrue(bypass.drain(Duration.ofSeconds(seconds)).isDrained());
    pair.client().sendAll(CONTENT.bytes(0, 100));
    pair.server().receiveFully(100);
    if (seconds <= 0) {
      bypass.enable();
      pair.client().sendAll(CONTENT.bytes(0, 100));
      assertFalse(bypass.drain(Duration.ofSeconds(seconds)).isDrained());
    }
  }

  @Test
  void drainedItStaysDrainedForTheNextAgent() {
    Bypass bypass = builder().load().attach().pinTo(pins);
    assertTrue(bypass.drain(LONG).isDrained());
    bypass.close();
    Bypass adopted = adopt().attach();
    Talk.on(connect(), 1);
    assertEquals(0, adopted.counters().get(Counter.SOCKETS_ENROLLED));
    adopted.enable();
    Talk.on(connect(), 2);
    assertEquals(1, adopted.counters().get(Counter.CONNECTIONS_PAIRED));
  }

  @Test
  void closedWhileItDrainsTheDrainSaysSo() {
    Bypass bypass = resources.add(builder().load().attach().pinTo(pins));
    Pair pair = connect();
    pair.client().sendAll(CONTENT.bytes(0, 100));
    var drained = CompletableFuture.supplyAsync(() -> bypass.drain(LONG));
    Eventually.pause(SHORT);
    bypass.close();
    var failure = assertThrows(CompletionException.class, drained::join);
    assertEquals(IllegalStateException.class, failure.getCause().getClass());
    assertArrayEquals(CONTENT.bytes(0, 100), pair.server().receiveFully(100));
  }

  @Test
  void aDataPathWithoutAProcessIsSteeredByItsPins() {
    builder().load().attach().pinTo(pins).close();
    Pair pair = connect();
    pair.client().sendAll(CONTENT.bytes(0, 100));
    try (PinnedBypass pinned = PinnedBypass.at(pins)) {
      assertTrue(pinned.isEnabled());
      assertEquals(100, pinned.drain(SHORT).bytes());
      assertFalse(pinned.isEnabled());
      pair.server().receiveFully(100);
      assertTrue(pinned.drain(LONG).isDrained());
      connect();
      pinned.enable();
      Talk.on(connect(), 1);
      pinned.disable();
    }
    Bypass adopted = adopt();
    assertFalse(adopted.isEnabled());
    assertEquals(2, adopted.counters().get(Counter.CONNECTIONS_PAIRED));
    assertEquals(1, adopted.counters().get(Counter.REFUSED_DRAINING));
  }
}
