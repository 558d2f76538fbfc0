// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An enrolled socket, and what it has sent since it was paired. The other direction of a connection
 * is the flow of the peer. C: {@code struct flow}. Immutable.
 *
 * @param key the socket's own view of the connection
 * @param cookie the kernel's name for the socket
 * @param peer the socket at the other end; empty if it is not paired, or not yet: then all it sends
 *     goes over TCP
 * @param isServer whether it is the end that was listening
 * @param service the name of the {@link Service} that the connection belongs to, 0 where short
 *     connections are enrolled as any others
 * @param redirected what was handed to the peer's queue
 * @param overTcp what went over TCP although it was paired, by the reasons that occurred
 * @param verdict what became of the latest message: {@link Counter#REDIRECTED}, also before the
 *     first one, or the reason for TCP
 * @param queued bytes that wait in the socket's own queue for its application to read; empty where
 *     the kernel does not tell. Bytes that came over TCP wait elsewhere, except where FIONREAD had
 *     to be repaired
 */
public record Flow(
    SocketKey key,
    long cookie,
    Optional<Peer> peer,
    boolean isServer,
    long service,
    Tally redirected,
    Map<Counter, Tally> overTcp,
    Counter verdict,
    OptionalLong queued) {
  /** Copies the reasons. */
  public Flow {
    var copy = new EnumMap<Counter, Tally>(Counter.class);
    copy.putAll(overTcp);
    overTcp = Collections.unmodifiableMap(copy);
  }

  /** {@return all that went over TCP although it was paired} */
  public Tally tcp() {
    return overTcp.values().stream().reduce(Tally.NONE, Tally::plus);
  }
}
