// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import io.github.jbypass.chaos.ends.Relay;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;

/** Sidecars that now and then do what must not be. */
final class FaultySidecar {
  private static final double CHANCE = 0.01;

  private FaultySidecar() {}

  private static void run(String[] arguments, Relay.Tampering fault)
      throws InterruptedException, IOException {
    Relay.run(
        arguments,
        bytes -> {
          if (bytes.remaining() > 1 && ThreadLocalRandom.current().nextDouble() < CHANCE) {
            fault.with(bytes);
          }
        });
  }

  static final class LosesAByte {
    public static void main(String[] arguments) throws InterruptedException, IOException {
      run(arguments, ByteBuffer::get);
    }
  }

  static final class ChangesABit {
    public static void main(String[] arguments) throws InterruptedException, IOException {
      run(
          arguments,
          bytes -> {
            int last = bytes.limit() - 1;
            bytes.put(last, (byte) (bytes.get(last) ^ 1));
          });
    }
  }

  static final class ExchangesBytes {
    public static void main(String[] arguments) throws InterruptedException, IOException {
      run(
          arguments,
          bytes -> {
            byte first = bytes.get(0);
            bytes.put(0, bytes.get(1)).put(1, first);
          });
    }
  }

  /** What one connection should have got, another one gets. */
  static final class CrossesConnections {
    private static ByteBuffer kept = ByteBuffer.allocate(0);

    public static void main(String[] arguments) throws InterruptedException, IOException {
      run(arguments, CrossesConnections::exchange);
    }

    private static synchronized void exchange(ByteBuffer bytes) {
      var own = ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
      int count = Math.min(kept.remaining(), own.remaining());
      bytes.put(bytes.position(), kept, kept.position(), count);
      kept = own;
    }
  }
}
