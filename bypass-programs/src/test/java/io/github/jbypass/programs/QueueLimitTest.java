// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.maps.Counter;
import io.github.jbypass.programs.testing.DataPath;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Flood;
import io.github.jbypass.programs.testing.Mode;
import io.github.jbypass.programs.testing.Namespace;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.programs.testing.SocketOption;
import io.github.jbypass.testing.KernelTest;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How much is redirected to a receiver that doesn't read, by the size of its receive buffer. */
@KernelTest
class QueueLimitTest {
  private static final int MIB = 1 << 20;
  private static final int LARGE = 4 * MIB;

  private final Resources resources = new Resources();

  @AfterEach
  void closeAll() {
    resources.close();
  }

  @Test
  void aReceiverWithAnOrdinaryBufferHasTheDefaultLimit() {
    assertThat(redirected(_ -> {}, MIB / 8, _ -> {}))
        .isBetween(MIB / 2L, BypassBuilder.DEFAULT_QUEUE_LIMIT.bytes());
  }

  /** TCP would fill the buffer too, at greater cost. */
  @Test
  void oneWhoseBufferTcpHasMadeLargerMayLagBehindAsFar() {
    assertThat(redirected(_ -> {}, LARGE, _ -> {}))
        .isBetween(BypassBuilder.DEFAULT_QUEUE_LIMIT.bytes() + 1, (long) LARGE);
  }

  @Test
  void aLimitThatWasGivenHoldsForAll() {
    var limit = ByteSize.MiB(1);
    assertThat(redirected(builder -> builder.queueLimit(limit), LARGE, _ -> {}))
        .isBetween(MIB / 2L, limit.bytes());
  }

  /** Not even if it is larger than the default. */
  @Test
  void aBufferThatTheReceiverHasAskedForDoesNotRaiseTheLimit() {
    assertThat(
            redirected(_ -> {}, MIB / 8, pair -> pair.server().set(SocketOption.SO_RCVBUF, LARGE)))
        .isLessThanOrEqualTo(BypassBuilder.DEFAULT_QUEUE_LIMIT.bytes());
  }

  /** Bytes that were redirected before the sender was stopped; all of what it sent arrives. */
  private long redirected(
      Consumer<BypassBuilder> settings, int receiveBuffer, Consumer<Pair> prepared) {
    var path = resources.add(DataPath.open(Mode.ACCELERATED, settings));
    var namespace = resources.add(Namespace.create());
    namespace.sysctl("ipv4/tcp_rmem", "4096 %d %d".formatted(receiveBuffer, 8 * LARGE));
    var pair = resources.add(namespace.call(() -> Pair.connect(Family.IPV4)));
    prepared.accept(pair);
    long sent = Flood.fill(pair.client().nonBlocking(true));
    long redirected = path.bypass().counters().get(Counter.REDIRECTED_BYTES);
    Flood.drain(pair.server(), sent);
    return redirected;
  }
}
