// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

/**
 * What the programs count. The first two and those that begin with {@code TCP_} concern messages
 * (what one call of send or write hands over, large ones in parts), the others connections and
 * sockets. C: {@code enum counter}, in its order.
 */
public enum Counter {
  /** Messages handed to the peer's queue. */
  REDIRECTED,
  /** Their bytes. */
  REDIRECTED_BYTES,
  /** Over TCP: redirecting is switched off. */
  TCP_DISABLED,
  /** Over TCP: the other end is not enrolled, or not yet. */
  TCP_NOT_PAIRED,
  /** Over TCP: the other end is closed, or the output of this one is shut. */
  TCP_PEER_CLOSED,
  /**
   * Over TCP: earlier bytes went over TCP and are neither read yet nor in the queue that messages
   * are redirected to; redirecting would overtake them.
   */
  TCP_UNREAD,
  /** Over TCP: the receiver's queue has reached its limit. */
  TCP_QUEUE_FULL,
  /** Over TCP: TCP is short of memory on this host, and redirecting could not wait for it. */
  TCP_NO_MEMORY,
  /** Over TCP: a one-way stream between loopback sockets, where TCP is faster. */
  TCP_BULK,
  /** Over TCP: the peer left the SOCKHASH at this very moment. */
  TCP_NOT_FOUND,
  /** Connections with both ends enrolled and paired. */
  CONNECTIONS_PAIRED,
  /** Sockets put in the SOCKHASH. */
  SOCKETS_ENROLLED,
  /** Handshakes with listeners of ours, or between local sockets, that the policy leaves to TCP. */
  REFUSED_POLICY,
  /** Handshakes left to TCP because connections to this service are too short to gain. */
  REFUSED_SHORT,
  /** Handshakes left to TCP because nothing is enrolled any more: the data path drains. */
  REFUSED_DRAINING,
  /** Ends left to TCP because a map was full. */
  REFUSED_FULL,
  /** Sockets left to TCP because a live one with the same addresses and ports is enrolled. */
  REFUSED_DUPLICATE,
  /** Sockets that the kernel would not enrol: MPTCP, kTLS, in another SOCKHASH, out of memory. */
  REFUSED_KERNEL,
  /** Connections accepted by a sidecar together with their original destination. */
  CONNECTIONS_INTERCEPTED,
  /** Connections led to a sidecar that can't learn their original destination: no memory. */
  DESTINATION_LOST,
  /** SYNs from outside that were dropped because no port was free to lead them to a sidecar. */
  ARRIVALS_DROPPED
}
