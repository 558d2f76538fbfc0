// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.Eventually.assertBecomes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.core.KernelAbility;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Flow;
import io.github.jbypass.maps.SocketKey;
import io.github.jbypass.maps.Tally;
import io.github.jbypass.programs.testing.DataPath;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Mode;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.NeedsAbility;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** After known traffic, each number of a flow is the right one. */
@KernelTest
class FlowsTest {
  private static final int LARGE = 3000;

  private final Resources resources = new Resources();
  private Bypass bypass;

  @AfterEach
  void closeAll() {
    resources.close();
  }

  private void attach(Consumer<BypassBuilder> settings) {
    bypass = resources.add(DataPath.open(Mode.ACCELERATED, settings)).bypass();
  }

  private Pair connect(Consumer<BypassBuilder> settings) {
    attach(settings);
    return connect(Family.IPV4);
  }

  private Pair connect(Family family) {
    return resources.add(Pair.connect(family));
  }

  private Pair connect() {
    return connect(_ -> {});
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aFlowNamesItsSocketAndItsPeer(Family family) {
    connect();
    Pair pair = connect(family);
    Flow client = flow(pair.client());
    Flow server = flow(pair.server());

    assertEquals(bypass.sockets().cookie(client.key()), client.cookie());
    assertEquals(server.key(), client.peer().orElseThrow().key());
    assertEquals(server.cookie(), client.peer().orElseThrow().cookie());
    assertEquals(client.key(), server.peer().orElseThrow().key());
    assertEquals(client.cookie(), server.peer().orElseThrow().cookie());
    assertFalse(client.isServer());
    assertTrue(server.isServer());
    assertEquals(client.service(), server.service());
    assertEquals(client.peer(), bypass.proxies().peer(client.key()));
    assertEquals(server.peer(), bypass.proxies().peer(server.key()));
  }

  @Test
  void whatIsRedirectedIsCountedAtTheSender() {
    Pair pair = connect();
    send(pair.client(), 10);
    send(pair.client(), 20);
    send(pair.client(), 30);
    send(pair.server(), 5);

    assertEquals(new Tally(3, 60), flow(pair.client()).redirected());
    assertEquals(new Tally(1, 5), flow(pair.server()).redirected());
    assertEquals(Map.of(), flow(pair.client()).overTcp());
    assertEquals(Counter.REDIRECTED, flow(pair.client()).verdict());
  }

  @Test
  void whatWaitsForItsReaderIsTheReadersQueue() {
    Pair pair = connect();
    send(pair.client(), 40);
    send(pair.client(), 2);
    flow(pair.server()).queued().ifPresent(queued -> assertEquals(42, queued));
    assertEquals(0, flow(pair.client()).queued().orElseThrow());

    pair.server().receiveFully(30);
    flow(pair.server()).queued().ifPresent(queued -> assertEquals(12, queued));
    pair.server().receiveFully(12);
    assertEquals(0, flow(pair.server()).queued().orElseThrow());
  }

  @Test
  void switchedOffMessagesGoOverTcpForThatReason() {
    Pair pair = connect();
    bypass.disable();
    send(pair.client(), 7);
    send(pair.client(), 8);

    assertEquals(Map.of(Counter.TCP_DISABLED, new Tally(2, 15)), flow(pair.client()).overTcp());
    assertEquals(new Tally(2, 15), flow(pair.client()).tcp());
    assertEquals(Counter.TCP_DISABLED, flow(pair.client()).verdict());
    assertEquals(new Tally(0, 0), flow(pair.client()).redirected());
    assertEquals(Map.of(), flow(pair.server()).overTcp());
  }

  /** Before a connection is accepted, TCP keeps them in its own queue on every kernel. */
  @Test
  void bytesThatWentOverTcpUnreadKeepTheNextOnesThere() {
    attach(_ -> {});
    PosixSocket listener = resources.add(Pair.listen(Family.IPV4));
    PosixSocket client = resources.add(Family.IPV4.clientSocket());
    bypass.disable();
    client.connect(listener.localAddress());
    send(client, 100);
    bypass.enable();
    send(client, 11);
    assertEquals(
        Map.of(Counter.TCP_DISABLED, new Tally(1, 100), Counter.TCP_UNREAD, new Tally(1, 11)),
        flow(client).overTcp());

    resources.add(listener.accept()).receiveFully(111);
    send(client, 1);
    assertEquals(new Tally(1, 1), flow(client).redirected());
    assertEquals(Counter.REDIRECTED, flow(client).verdict());
  }

  @Test
  void aFullQueueIsTheReasonForTheMessageThatDidNotFit() {
    Pair pair = connect(builder -> builder.queueLimit(ByteSize.KiB(4)));
    send(pair.client(), LARGE);
    send(pair.client(), LARGE);

    assertEquals(new Tally(1, LARGE), flow(pair.client()).redirected());
    assertEquals(
        Map.of(Counter.TCP_QUEUE_FULL, new Tally(1, LARGE)), flow(pair.client()).overTcp());
    flow(pair.server()).queued().ifPresent(queued -> assertTrue(queued >= LARGE, "" + queued));
  }

  @Test
  void aOneWayStreamGoesOverTcpAsBulk() {
    Pair pair = connect();
    int messages = 100;
    for (int i = 0; i < messages; i++) {
      send(pair.client(), LARGE);
      pair.server().receiveFully(LARGE);
    }
    Flow flow = flow(pair.client());

    assertTrue(flow.overTcp().get(Counter.TCP_BULK).messages() > 0, flow::toString);
    assertEquals(messages, flow.redirected().messages() + flow.tcp().messages());
    assertEquals((long) messages * LARGE, flow.redirected().bytes() + flow.tcp().bytes());
  }

  @Test
  void aConnectionThatWasResetIsNoFlowAlthoughItsSocketIsOpen() {
    Pair pair = connect();
    pair.server().resetOnClose().close();
    assertBecomes(0, () -> bypass.flows().snapshot().size(), "flows");
  }

  @Test
  @NeedsAbility(KernelAbility.SOCKET_MAP_ITERATOR) // else only what was enrolled by itself is told
  void aSocketThatIsNotPairedHasNoPeer() {
    connect();
    PosixSocket listener = resources.add(Pair.listen(Family.IPV4));
    SocketKey key = new SocketKey(1, listener.localAddress(), listener.localAddress());
    bypass.sockets().put(key, listener.fd());

    Flow flow = bypass.flows().snapshot().stream().filter(f -> f.key().equals(key)).findAny().get();
    assertEquals(bypass.sockets().cookie(key), flow.cookie());
    assertEquals(Optional.empty(), flow.peer());
    assertEquals(Counter.TCP_NOT_PAIRED, flow.verdict());
  }

  @Test
  void aFlowEndsWithItsSocketAndLeavesNothing() throws Exception {
    Pair pair = connect();
    bypass.disable();
    send(pair.client(), 1);
    send(pair.server(), 1);
    assertEquals(2, bypass.flows().snapshot().size());

    pair.client().receiveFully(1);
    pair.server().receiveFully(1);
    pair.close();
    assertBecomes(0, () -> bypass.flows().snapshot().size(), "flows");
  }

  @Test
  void aSocketThatConnectsAgainHasSentNothing() {
    Pair first = connect();
    send(first.client(), 1);
    first.server().receiveFully(1);
    bypass.disable();
    send(first.client(), 2);
    first.server().receiveFully(2);
    first.client().disconnect();
    bypass.enable();

    PosixSocket listener = resources.add(Pair.listen(Family.IPV4));
    Pair second = resources.add(Pair.connect(first.client(), listener, Family.IPV4));
    Flow flow = flow(second.client());
    assertEquals(new Tally(0, 0), flow.redirected());
    assertEquals(Map.of(), flow.overTcp());
    send(second.client(), 3);
    assertEquals(new Tally(1, 3), flow(second.client()).redirected());
  }

  @Test
  void eachOfManyFlowsIsToldOnce() {
    connect();
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      pairs.add(connect(i % 2 == 0 ? Family.IPV4 : Family.IPV6));
      send(pairs.get(i).client(), 1 + i);
    }
    List<Flow> flows = bypass.flows().snapshot();
    Set<Long> cookies = new HashSet<>();
    flows.forEach(flow -> cookies.add(flow.cookie()));

    assertEquals(802, flows.size());
    assertEquals(802, cookies.size());
    assertEquals(400L * 401 / 2, flows.stream().mapToLong(flow -> flow.redirected().bytes()).sum());
  }

  private void send(PosixSocket from, int bytes) {
    from.sendAll(new byte[bytes]);
  }

  private Flow flow(PosixSocket socket) {
    return bypass.flows().snapshot().stream()
        .filter(
            flow ->
                flow.key().local().equals(socket.localAddress())
                    && flow.key().remote().equals(socket.peerAddress()))
        .findAny()
        .orElseThrow();
  }
}
