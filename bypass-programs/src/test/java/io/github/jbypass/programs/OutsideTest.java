// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.NetworkDevice;
import io.github.jbypass.core.TcDirection;
import io.github.jbypass.core.TcFilter;
import io.github.jbypass.core.UpdateMode;
import io.github.jbypass.maps.PodPolicy;
import io.github.jbypass.programs.testing.Background;
import io.github.jbypass.programs.testing.Brief;
import io.github.jbypass.programs.testing.Errno;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Host;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixException;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.programs.testing.SocketOption;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.programs.testing.Traffic;
import io.github.jbypass.programs.testing.Traffic.Shape;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections from another machine reach a pod: its sidecar accepts them. */
class OutsideTest extends InterceptionTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private static final byte[] WORDS = {1, 2, 3};

  /** What family the client's socket is of makes no difference to packets. */
  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6", "MAPPED_SERVER"})
  @Retention(RetentionPolicy.RUNTIME)
  private @interface InEachFamily {}

  @BeforeEach
  void makePods() {
    intercept();
  }

  @AfterEach
  void everyConnectionIsForgotten() {
    resources.close();
    Eventually.within(SECOND, () -> entries("arrived") + entries("arriving") == 0);
    int left = entries("arrived") + entries("arriving");
    clear("arriving");
    assertEquals(0, left, "entries left a second after the end");
  }

  @InEachFamily
  void theSidecarAcceptsTheConnectionAndLearnsItsDestination(Family family) {
    Pair pair = connectFromOutside(family);
    assertOriginalDestination(server.at(family, SERVICE), server, pair.server());
    Talk.on(pair, 1);
  }

  @InEachFamily
  void eachEndSeesTheOthersAddress(Family family) {
    Pair pair = connectFromOutside(family);
    assertEquals(server.at(family, SERVICE), pair.client().peerAddress());
    assertEquals(pair.client().localAddress(), pair.server().peerAddress());
    assertEquals(server.at(family, INBOUND), pair.server().localAddress());
  }

  @InEachFamily
  void withoutASidecarTheConnectionIsRefused(Family family) {
    serve(server, family, SERVICE);
    PosixSocket socket = fromOutside(family);
    assertEquals(
        Errno.ECONNREFUSED,
        assertThrows(PosixException.class, () -> socket.connect(server.at(family, SERVICE)))
            .errno());
  }

  @InEachFamily
  void anExcludedPortIsReachedDirectly(Family family) {
    bypass
        .pods()
        .update(
            pod("server", server)
                .policy(PodPolicy.builder().excludeInboundPorts(SERVICE).build())
                .build());
    PosixSocket service = serve(server, family, SERVICE);
    PosixSocket socket = fromOutside(family).connect(server.at(family, SERVICE));
    PosixSocket accepted = resources.add(service.accept());
    assertNotLed(server, accepted);
    Talk.on(new Pair(socket, accepted), 2);
  }

  @InEachFamily
  void theSidecarsOwnPortsAreReachedDirectly(Family family) {
    for (int port : new int[] {INBOUND, 15_020, 15_021, 15_090}) {
      PosixSocket service = serve(server, family, port);
      fromOutside(family).connect(server.at(family, port));
      assertNotLed(server, resources.add(service.accept()));
    }
  }

  @InEachFamily
  void aPodThatConnectsOutIsAnsweredAsUsual(Family family) {
    PosixSocket service = resources.add(path.outside(() -> stranger.listen(family, SERVICE)));
    Pair pair = connectAsSidecar(client, family, stranger.at(family, SERVICE), service);
    Talk.on(pair, 3);
  }

  /** Both reach one port of the sidecar, where they would be one connection. */
  @InEachFamily
  void aClientMayUseOnePortForConnectionsToTwoPortsOfThePod(Family family) {
    PosixSocket sidecar = inboundOf(server, family);
    List<Pair> pairs = new ArrayList<>();
    for (int port : new int[] {SERVICE, SERVICE + 1, SERVICE + 2}) {
      PosixSocket socket = fromOutside(family).set(SocketOption.SO_REUSEADDR, 1);
      socket.bind(stranger.address(family), 5000).connect(server.at(family, port));
      pairs.add(new Pair(socket, resources.add(sidecar.accept())));
      assertOriginalDestination(server.at(family, port), server, pairs.getLast().server());
    }
    Talk.onAll(pairs);
  }

  @InEachFamily
  void aClientMayUseOnePortForAPortOfThePodAndForItsSidecar(Family family) {
    PosixSocket sidecar = inboundOf(server, family);
    List<Pair> pairs = new ArrayList<>();
    for (int port : new int[] {SERVICE, INBOUND}) {
      PosixSocket socket = fromOutside(family).set(SocketOption.SO_REUSEADDR, 1);
      socket.bind(stranger.address(family), 5001).connect(server.at(family, port));
      pairs.add(new Pair(socket, resources.add(sidecar.accept())));
    }
    Talk.onAll(pairs);
  }

  @InEachFamily
  void aClientMayUseOnePortForTheSidecarAndThenForAPortOfThePod(Family family) {
    PosixSocket sidecar = inboundOf(server, family);
    List<Pair> pairs = new ArrayList<>();
    for (int port : new int[] {INBOUND, SERVICE}) {
      PosixSocket socket = fromOutside(family).set(SocketOption.SO_REUSEADDR, 1);
      socket.bind(stranger.address(family), 5002).connect(server.at(family, port));
      pairs.add(new Pair(socket, resources.add(sidecar.accept())));
    }
    assertNotLed(server, pairs.getFirst().server());
    assertOriginalDestination(server.at(family, SERVICE), server, pairs.getLast().server());
    Talk.onAll(pairs);
  }

  @InEachFamily
  void fiftyMegabytesArriveAsTheyWereSentInBothDirections(Family family) {
    Pair pair = connectFromOutside(family);
    Traffic traffic =
        resources.add(Traffic.start(List.of(pair), Shape.of(Brief.count(800), 128 << 10)));
    traffic.await();
  }

  /** Its ICMP errors quote the port that the packets have on their way. */
  @InEachFamily
  void aRouterThatFindsPacketsTooBigIsHeard(Family family) {
    Host far = network.addHost();
    network.narrowPathTo(far, 1300);
    PosixSocket sidecar = inboundOf(server, family);
    PosixSocket socket = resources.add(path.outside(() -> far.client(family)));
    socket.connect(server.at(family, SERVICE));
    byte[] much = new byte[1 << 20];
    PosixSocket accepted = resources.add(sidecar.accept());
    var sending = Background.run(() -> accepted.sendAll(much));
    assertArrayEquals(much, socket.receiveFully(much.length));
    sending.join();
  }

  @InEachFamily
  void theClientMayCloseFirst(Family family) {
    Pair pair = connectFromOutside(family);
    pair.client().sendAll(WORDS);
    pair.client().close();
    assertArrayEquals(WORDS, pair.server().receiveToEnd());
    pair.server().close();
  }

  @InEachFamily
  void theSidecarMayCloseFirst(Family family) {
    Pair pair = connectFromOutside(family);
    pair.server().sendAll(WORDS);
    pair.server().close();
    assertArrayEquals(WORDS, pair.client().receiveToEnd());
    pair.client().close();
  }

  /** The sidecar's socket is in no process any more, but still has to be answered. */
  @InEachFamily
  void theClientMayGoOnAfterTheSidecarHasClosed(Family family) {
    Pair pair = connectFromOutside(family);
    pair.server().shutdownOutput();
    assertArrayEquals(new byte[0], pair.client().receiveToEnd());
    pair.client().sendAll(WORDS);
    assertArrayEquals(WORDS, pair.server().receiveFully(WORDS.length));
    pair.server().close();
    pair.client().close();
  }

  @InEachFamily
  void bothMayCloseAtOnce(Family family) {
    for (int i = 0; i < 20; i++) {
      Pair pair = connectFromOutside(family);
      pair.client().shutdownOutput();
      pair.server().shutdownOutput();
      pair.close();
      resources.close();
    }
  }

  @InEachFamily
  void theClientMayReset(Family family) {
    Pair pair = connectFromOutside(family);
    pair.client().resetOnClose().close();
    assertEquals(Errno.ECONNRESET, errnoOfReceive(pair.server()));
  }

  @InEachFamily
  void theSidecarMayReset(Family family) {
    Pair pair = connectFromOutside(family);
    pair.server().resetOnClose().close();
    assertEquals(Errno.ECONNRESET, errnoOfReceive(pair.client()));
  }

  @InEachFamily
  void theSidecarMayCloseWithoutHavingReadAll(Family family) {
    Pair pair = connectFromOutside(family);
    pair.client().sendAll(WORDS);
    Eventually.assertArrive(WORDS.length, pair.server());
    pair.server().close();
    assertEquals(Errno.ECONNRESET, errnoOfReceive(pair.client()));
  }

  @InEachFamily
  void theSidecarMayResetAfterTheClientHasClosed(Family family) {
    Pair pair = connectFromOutside(family);
    pair.client().shutdownOutput();
    assertArrayEquals(new byte[0], pair.server().receiveToEnd());
    pair.server().resetOnClose().close();
    assertEquals(Errno.ECONNRESET, errnoOfReceive(pair.client()));
  }

  @InEachFamily
  void theClientsPortCanBeUsedAgain(Family family) {
    PosixSocket sidecar = inboundOf(server, family);
    for (int i = 0; i < 20; i++) {
      int port = SERVICE + i % 2;
      try (Resources once = new Resources()) {
        PosixSocket socket =
            once.add(path.outside(() -> stranger.client(family)))
                .set(SocketOption.SO_REUSEADDR, 1)
                .resetOnClose()
                .bind(stranger.address(family), 5003)
                .connect(server.at(family, port));
        PosixSocket accepted = once.add(sidecar.accept());
        assertOriginalDestination(server.at(family, port), server, accepted);
        Talk.on(new Pair(socket, accepted), i);
      }
    }
  }

  /** A SYN whose answer never reaches the client, because it has given up. */
  @InEachFamily
  void aHandshakeThatTheClientAbandonsIsForgottenAtItsReset(Family family) {
    PosixSocket sidecar = inboundOf(server, family);
    PosixSocket socket = fromOutside(family).nonBlocking(true).resetOnClose();
    assertThrows(PosixException.class, () -> socket.connect(server.at(family, SERVICE)));
    socket.close();
    sidecar.close();
  }

  /** It is led nevertheless, as long as nothing evicts it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void nothingIsLeftOfAConnectionThatFoundTheMapFull(int places) {
    int others = bypass.object().map("arrived").maxEntries() - places;
    MemorySegment value = Arena.ofAuto().allocate(12, 8);
    forOthers(others, (map, key) -> map.update(key, value, UpdateMode.ANY));
    Pair pair = connectFromOutside(Family.IPV4);
    Talk.on(pair, 5);
    pair.client().resetOnClose().close();
    assertEquals(Errno.ECONNRESET, errnoOfReceive(pair.server()));
    Eventually.assertBecomes(others, () -> entries("arrived"), "entries");
    Eventually.assertBecomes(0, () -> entries("arriving"), "entries");
    forOthers(others, BpfMap::delete);
  }

  /** As where memory was short for a moment. */
  @ParameterizedTest
  @EnumSource
  void nothingIsLeftOfAConnectionOfWhichOneDirectionHasSettled(Direction other) {
    Pair pair = connectFromOutside(Family.IPV4);
    unsettle(other);
    Talk.on(pair, 6);
    pair.client().resetOnClose().close();
    assertEquals(Errno.ECONNRESET, errnoOfReceive(pair.server()));
  }

  /** The kernel's enum arrival_direction. */
  private enum Direction {
    TO_POD,
    FROM_POD
  }

  private static final int DIRECTION = 36; // in struct arrival_key

  /** Does something with entries of connections that there never were. */
  private void forOthers(int count, BiConsumer<BpfMap, MemorySegment> each) {
    BpfMap map = bypass.object().map("arrived");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment key = arena.allocate(map.keySize(), 8);
      for (int i = 0; i < count; i++) {
        key.set(JAVA_INT, 0, i);
        each.accept(map, key);
      }
    }
  }

  /** Puts the only connection's entry of a direction back where it was before the handshake. */
  private void unsettle(Direction direction) {
    BpfMap arrived = bypass.object().map("arrived");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment key = arena.allocate(arrived.keySize(), 8);
      MemorySegment value = arena.allocate(arrived.valueSize(), 8);
      assertTrue(arrived.nextKey(null, key));
      if (key.get(JAVA_INT, DIRECTION) != direction.ordinal()) {
        assertTrue(arrived.nextKey(key, key));
      }
      assertTrue(arrived.lookup(key, value));
      bypass.object().map("arriving").update(key, value, UpdateMode.ANY);
      assertTrue(arrived.delete(key));
    }
  }

  private Pair connectFromOutside(Family family) {
    PosixSocket sidecar = inboundOf(server, family);
    PosixSocket socket = fromOutside(family).connect(server.at(family, SERVICE));
    return new Pair(socket, resources.add(sidecar.accept()));
  }

  /** A client of another machine has none of our programs. */
  private PosixSocket fromOutside(Family family) {
    return resources.add(path.outside(() -> stranger.client(family)));
  }

  private static Errno errnoOfReceive(PosixSocket socket) {
    socket.timeout(SocketOption.SO_RCVTIMEO, SECOND);
    return assertThrows(PosixException.class, () -> socket.receive(1)).errno();
  }

  /** Packets to a bridge's address pass the programs twice: on its port and on itself. */
  @InEachFamily
  void aConnectionThatPassesTwoDevicesIsLedOnce(Family family) {
    Host bridged = network.addBridgedHost();
    bypass.pods().add(pod("bridged", bridged).build());
    PosixSocket sidecar = inboundOf(bridged, family);
    PosixSocket socket = fromOutside(family).connect(bridged.at(family, SERVICE));
    Pair pair = new Pair(socket, resources.add(sidecar.accept()));
    assertOriginalDestination(bridged.at(family, SERVICE), bridged, pair.server());
    assertEquals(socket.localAddress(), pair.server().peerAddress());
    Talk.on(pair, 4);
  }

  @Test
  void interfacesThatComeLaterAreWatchedFromTheNextChangeOfThePodOn() {
    Host growing = network.addHost();
    bypass.pods().add(pod("growing", growing).build());
    growing.namespace().execute("ip", "link", "add", "late", "type", "bridge");
    NetworkDevice late = growing.networkNamespace().device("late");
    assertEquals(List.of(), TcFilter.list(late, TcDirection.INGRESS));
    bypass
        .pods()
        .update(
            pod("growing", growing)
                .policy(PodPolicy.builder().excludeInboundPorts(SERVICE).build())
                .build());
    assertEquals(1, TcFilter.list(late, TcDirection.INGRESS).size());
    assertEquals(1, TcFilter.list(late, TcDirection.EGRESS).size());
    bypass.pods().remove("growing");
    assertEquals(List.of(), TcFilter.list(late, TcDirection.EGRESS));
  }

  @Test
  void aPodThatIsRemovedIsReachedDirectly() {
    bypass.pods().remove("server");
    PosixSocket service = serve(server, Family.IPV4, SERVICE);
    PosixSocket socket = fromOutside(Family.IPV4).connect(server.at(Family.IPV4, SERVICE));
    Talk.on(new Pair(socket, resources.add(service.accept())), 4);
  }

  @Test
  void connectionsToAPodThatIsRemovedGoOn() {
    Pair pair = connectFromOutside(Family.IPV4);
    bypass.pods().remove("server");
    Talk.on(pair, 5);
  }
}
