// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

/**
 * The socket at the other end of a connection. C: {@code struct peer}, whose kernel addresses are
 * of no use here.
 *
 * @param key its own view of the connection
 * @param cookie the kernel's name for the socket, never reused while the machine is up
 */
public record Peer(SocketKey key, long cookie) {}
