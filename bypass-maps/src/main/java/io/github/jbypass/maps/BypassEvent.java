// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import java.util.Optional;

/** What happened to a connection. C: {@code struct event}. Immutable. */
public sealed interface BypassEvent {
  /**
   * When, as {@link System#nanoTime} would have told.
   *
   * @return nanoseconds
   */
  long nanoTime();

  /** {@return the socket's own view of the connection} */
  SocketKey key();

  /** {@return the kernel's name for the socket} */
  long cookie();

  /**
   * Both ends of a connection are enrolled and know each other.
   *
   * @param nanoTime when
   * @param key the client's view of the connection
   * @param cookie the client's
   * @param peer the server's end
   */
  record Paired(long nanoTime, SocketKey key, long cookie, Peer peer) implements BypassEvent {}

  /**
   * An enrolled socket closed; the other end tells for itself.
   *
   * @param nanoTime when
   * @param key its view of the connection
   * @param cookie its name
   * @param peer the socket at the other end, if it was paired
   */
  record Closed(long nanoTime, SocketKey key, long cookie, Optional<Peer> peer)
      implements BypassEvent {}

  /**
   * What a socket sends goes over TCP, where it was redirected until now, or would have been.
   *
   * @param nanoTime when
   * @param key its view of the connection
   * @param cookie its name
   * @param peer the socket that it sends to
   * @param reason one of the counters that begin with {@code TCP_}
   */
  record MovedToTcp(long nanoTime, SocketKey key, long cookie, Peer peer, Counter reason)
      implements BypassEvent {}

  /**
   * What a socket sends is redirected again.
   *
   * @param nanoTime when
   * @param key its view of the connection
   * @param cookie its name
   * @param peer the socket that it sends to
   */
  record Back(long nanoTime, SocketKey key, long cookie, Peer peer) implements BypassEvent {}
}
