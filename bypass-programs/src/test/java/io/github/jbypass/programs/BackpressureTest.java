// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.programs.testing.Background;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Flood;
import io.github.jbypass.programs.testing.KernelMemory;
import io.github.jbypass.programs.testing.Namespace;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.SocketOption;
import io.github.jbypass.programs.testing.Traffic;
import io.github.jbypass.programs.testing.Traffic.Shape;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A sender whose peer doesn't read stops, without an error and without losing a byte. */
class BackpressureTest extends DataPathTest {
  private static final long MIB = 1 << 20;
  private static final long BOUND = 4 * MIB;
  private static final int TINY = 8;
  private static final int SMALL = 64 << 10;
  private static final int ENOUGH = 1 << 20;
  private static final Duration BLOCKED = Duration.ofMillis(500);

  @ParameterizedTest
  @ValueSource(ints = {64, 512, 16 << 10, 1 << 20})
  void aNonBlockingSenderStopsWithin4MiB(int chunk) {
    Pair pair = connectAfresh(Family.IPV4);
    assertStops(pair.client().nonBlocking(true), pair.server(), chunk);
  }

  @Test
  void aServerIsStoppedLikeAClient() {
    Pair pair = connectAfresh(Family.IPV6);
    assertStops(pair.server().nonBlocking(true), pair.client(), 16 << 10);
  }

  @Test
  void aBlockingSenderWaitsForItsReader() {
    Pair pair = resources.add(Pair.connect(Family.IPV4));
    long length = 3 * BOUND;
    CompletableFuture<Void> sending = Background.run(() -> Flood.send(pair.client(), length));
    Eventually.pause(BLOCKED);
    assertFalse(sending.isDone(), "the sender should wait: nobody reads");
    long pending = pair.server().available();
    assertTrue(pending <= BOUND, () -> pending + " bytes pile up at the reader");

    Flood.drain(pair.server(), 0, length);
    sending.join();
    path.assertRedirected();
  }

  @Test
  void aSenderThatWasStoppedGoesOnAsOftenAsItsReaderDrains() {
    Pair pair = resources.add(Pair.connect(Family.IPV4));
    PosixSocket sender = pair.client().nonBlocking(true);
    long sent = 0;
    long read = 0;
    for (int round = 0; round < 5; round++) {
      sent += Flood.fill(sender, sent, 16 << 10);
      long half = (sent - read) / 2;
      Flood.drain(pair.server(), read, half);
      read += half;
    }
    Flood.drain(pair.server(), read, sent - read);
    path.assertRedirected();
  }

  /**
   * A receiver that asked for a small buffer gets no more than on plain TCP, where the sender's own
   * buffer, small here too, holds the rest.
   */
  @ParameterizedTest
  @CsvSource({"4096, true", "4096, false", "65536, true", "65536, false"})
  void aSmallReceiveBufferStopsTheSenderAboutWherePlainTcpWould(int size, boolean beforehand) {
    path.redirecting(false);
    long plain = floodSmall(size, beforehand);
    path.redirecting(true);
    long ours = floodSmall(size, beforehand);
    assertTrue(
        ours <= 2 * plain + 2L * size,
        () -> "plain TCP takes " + plain + " bytes, this took " + ours);
  }

  /**
   * Each redirected message costs the kernel about a kilobyte besides its bytes, so a limit in
   * bytes alone would let tiny ones take a thousand times as much.
   */
  @Test
  void tinyMessagesThatNobodyReadsDoNotFillTheKernelsMemory() {
    Pair pair = resources.add(Pair.connect(Family.IPV4));
    long before = KernelMemory.slab();
    long sent = Flood.fill(pair.client().nonBlocking(true), 0, TINY);
    long taken = KernelMemory.slab() - before;
    assertTrue(taken <= 64 * MIB, () -> taken + " bytes of kernel memory hold " + sent + " bytes");
    Flood.drain(pair.server(), 0, sent);
    path.assertRedirected();
  }

  /** The queue itself stays as small as the receiver asked, so that FIONREAD shows it. */
  @ParameterizedTest
  @ValueSource(ints = {4096, 65536})
  void aSmallReceiveBufferBoundsWhatIsPending(int size) {
    Pair pair = small(size, true);
    Flood.fill(pair.client().nonBlocking(true), 0, 512);
    int pending = pair.server().available();
    int granted = pair.server().get(SocketOption.SO_RCVBUF);
    assertTrue(pending <= granted, () -> pending + " bytes pending in a buffer of " + granted);
  }

  private long floodSmall(int size, boolean beforehand) {
    Pair pair = small(size, beforehand);
    long sent = Flood.fill(pair.client().nonBlocking(true), 0, 512);
    pair.server().set(SocketOption.SO_RCVBUF, ENOUGH); // else TCP trickles for minutes
    Flood.drain(pair.server(), 0, sent);
    return sent;
  }

  private Pair small(int size, boolean beforehand) {
    try (PosixSocket listener = Family.IPV4.serverSocket()) {
      if (beforehand) {
        listener.set(SocketOption.SO_RCVBUF, size);
      }
      listener.bind(Family.IPV4.loopback(), 0).listen(1);
      PosixSocket client = Family.IPV4.clientSocket().set(SocketOption.SO_SNDBUF, SMALL);
      Pair pair = resources.add(Pair.connect(client, listener, Family.IPV4));
      if (!beforehand) {
        pair.server().set(SocketOption.SO_RCVBUF, size);
      }
      return pair;
    }
  }

  /** While one peer doesn't read, the others are not disturbed. */
  @Test
  void aStoppedSenderDoesNotHoldUpItsNeighbours() {
    Pair stuck = resources.add(Pair.connect(Family.IPV4));
    long parked = Flood.fill(stuck.client().nonBlocking(true));

    List<Pair> others =
        List.of(resources.add(Pair.connect(Family.IPV4)), resources.add(Pair.connect(Family.IPV6)));
    try (Traffic traffic = Traffic.start(others, Shape.of(2000, 4096))) {
      traffic.await();
    }
    Flood.drain(stuck.server(), 0, parked);
    path.assertRedirected();
  }

  /** Where TCP remembers nothing of earlier connections, which makes it take a little more. */
  private Pair connectAfresh(Family family) {
    Namespace namespace = resources.add(Namespace.create());
    return resources.add(namespace.call(() -> Pair.connect(family)));
  }

  private void assertStops(PosixSocket sender, PosixSocket reader, int chunk) {
    long sent = Flood.fill(sender, 0, chunk);
    assertTrue(sent <= BOUND, () -> "the kernel took " + sent + " bytes that nobody reads");
    assertEquals(0, sender.get(SocketOption.SO_ERROR));

    Flood.drain(reader, 0, sent);
    sender.nonBlocking(false).shutdownOutput();
    assertEquals(0, reader.receive(1).length, "nothing may be left");
    path.assertRedirected();
  }
}
