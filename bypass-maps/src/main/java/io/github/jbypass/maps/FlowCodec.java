// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static io.github.jbypass.maps.StructLayout.at;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code struct flow}. */
final class FlowCodec {
  static final int SIZE = 280;

  private static final int PEER_KEY = 48;
  private static final int COOKIE = 96;
  private static final int PEER_COOKIE = 104;
  private static final int SERVICE = 112;
  private static final int QUEUED = 120;
  private static final int REDIRECTED = 128;
  private static final int OVER_TCP = 144;
  private static final int VERDICT = 272;
  private static final int IS_SERVER = 276;
  private static final int TALLY_SIZE = 16;
  private static final int REASONS = (VERDICT - OVER_TCP) / TALLY_SIZE;
  private static final long QUEUED_UNKNOWN = -1;
  private static final Counter[] COUNTERS = Counter.values();

  static final StructLayout LAYOUT =
      new StructLayout(
          "flow",
          SIZE,
          Map.of(
              "key", at(0, SocketKeyCodec.SIZE),
              "peer_key", at(PEER_KEY, SocketKeyCodec.SIZE),
              "cookie", at(COOKIE, 8),
              "peer_cookie", at(PEER_COOKIE, 8),
              "service", at(SERVICE, 8),
              "queued", at(QUEUED, 8),
              "redirected", at(REDIRECTED, TALLY_SIZE),
              "over_tcp", at(OVER_TCP, REASONS * TALLY_SIZE),
              "verdict", at(VERDICT, 4),
              "is_server", at(IS_SERVER, 4)));

  static final StructLayout TALLY =
      new StructLayout("tally", TALLY_SIZE, Map.of("messages", at(0, 8), "bytes", at(8, 8)));

  private FlowCodec() {}

  static Flow decode(MemorySegment source) {
    long peer = source.get(JAVA_LONG, PEER_COOKIE);
    long queued = source.get(JAVA_LONG, QUEUED);
    return new Flow(
        SocketKeyCodec.decode(source),
        source.get(JAVA_LONG, COOKIE),
        peer == 0
            ? Optional.empty()
            : Optional.of(new Peer(SocketKeyCodec.decode(source.asSlice(PEER_KEY)), peer)),
        source.get(JAVA_INT, IS_SERVER) != 0,
        source.get(JAVA_LONG, SERVICE),
        tally(source, REDIRECTED),
        overTcp(source),
        COUNTERS[source.get(JAVA_INT, VERDICT)],
        queued == QUEUED_UNKNOWN ? OptionalLong.empty() : OptionalLong.of(queued));
  }

  private static Map<Counter, Tally> overTcp(MemorySegment source) {
    var reasons = new EnumMap<Counter, Tally>(Counter.class);
    for (int i = 0; i < REASONS; i++) {
      var tally = tally(source, OVER_TCP + i * TALLY_SIZE);
      if (tally.messages() != 0) {
        reasons.put(COUNTERS[Counter.TCP_DISABLED.ordinal() + i], tally);
      }
    }
    return reasons;
  }

  private static Tally tally(MemorySegment source, int offset) {
    return new Tally(source.get(JAVA_LONG, offset), source.get(JAVA_LONG, offset + 8L));
  }
}
