// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Optional;

/** SO_ORIGINAL_DST, as sidecars ask for it. */
public final class OriginalDestination {
  public static final int SOL_IP = 0;
  public static final int SOL_IPV6 = 41;
  public static final int SO_ORIGINAL_DST = 80;
  public static final int SOCKADDR_IN = 16;
  public static final int SOCKADDR_IN6 = 28;

  private OriginalDestination() {}

  /** At the level of the address's family, as Envoy asks; empty if there is none. */
  public static Optional<InetSocketAddress> of(PosixSocket accepted) {
    boolean ipv4 = accepted.localAddress().getAddress().getAddress().length == 4;
    return ipv4 ? at(SOL_IP, SOCKADDR_IN, accepted) : at(SOL_IPV6, SOCKADDR_IN6, accepted);
  }

  /** At a level, with a buffer of that size. */
  public static Optional<InetSocketAddress> at(int level, int size, PosixSocket accepted) {
    OptionAnswer answer = accepted.option(level, SO_ORIGINAL_DST, size);
    if (answer.errno() != 0) {
      return Optional.empty();
    }
    if (answer.length() != size) {
      throw new AssertionError("an answer of " + answer.length() + " bytes");
    }
    MemorySegment address = MemorySegment.ofArray(new long[4]);
    address.copyFrom(MemorySegment.ofArray(answer.bytes()));
    return Optional.of(SockAddr.decode(address));
  }
}
