// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static io.github.jbypass.maps.StructLayout.at;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.Btf;
import io.github.jbypass.core.LayoutMismatchException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code struct event}. */
final class EventCodec {
  static final int SIZE = 128;

  private static final int COOKIE = 8;
  private static final int PEER_COOKIE = 16;
  private static final int KEY = 24;
  private static final int PEER_KEY = 72;
  private static final int KIND = 120;
  private static final int REASON = 124;
  private static final Counter[] COUNTERS = Counter.values();
  private static final List<String> KINDS =
      List.of("EVENT_PAIRED", "EVENT_CLOSED", "EVENT_MOVED_TO_TCP", "EVENT_BACK", "EVENT_KINDS");

  private static final StructLayout LAYOUT =
      new StructLayout(
          "event",
          SIZE,
          Map.of(
              "time", at(0, 8),
              "cookie", at(COOKIE, 8),
              "peer_cookie", at(PEER_COOKIE, 8),
              "key", at(KEY, SocketKeyCodec.SIZE),
              "peer_key", at(PEER_KEY, SocketKeyCodec.SIZE),
              "kind", at(KIND, 4),
              "reason", at(REASON, 4)));

  private EventCodec() {}

  static void check(Btf btf) {
    SocketKeyCodec.LAYOUT.check(btf);
    LAYOUT.check(btf);
    Counters.check(btf);
    var kinds = List.copyOf(btf.enumValues("event_kind").keySet());
    if (!kinds.equals(KINDS)) {
      throw new LayoutMismatchException(
          "event_kind", "Java expects " + KINDS + ", the object has " + kinds);
    }
  }

  static BypassEvent decode(MemorySegment event) {
    long time = event.get(JAVA_LONG, 0);
    var key = SocketKeyCodec.decode(event.asSlice(KEY));
    long cookie = event.get(JAVA_LONG, COOKIE);
    var peer =
        new Peer(SocketKeyCodec.decode(event.asSlice(PEER_KEY)), event.get(JAVA_LONG, PEER_COOKIE));
    return switch (event.get(JAVA_INT, KIND)) {
      case 0 -> new BypassEvent.Paired(time, key, cookie, peer);
      case 1 ->
          new BypassEvent.Closed(
              time, key, cookie, peer.cookie() == 0 ? Optional.empty() : Optional.of(peer));
      case 2 ->
          new BypassEvent.MovedToTcp(
              time, key, cookie, peer, COUNTERS[event.get(JAVA_INT, REASON)]);
      case 3 -> new BypassEvent.Back(time, key, cookie, peer);
      default -> throw new AssertionError("the kinds were checked");
    };
  }
}
