// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.internal.Membarrier;
import java.lang.foreign.Arena;
import java.time.Duration;

/**
 * Between the end of the programs that lead connections and that of the programs that restore what
 * they changed: sidecars still have to learn where those that were just led were meant to go.
 */
final class Handover {
  /** How long connections that are being established may take to reach their sidecar. */
  private static final Duration LONGEST = Duration.ofSeconds(1);

  /** How long a sidecar may take from accepting a connection to asking for its destination. */
  private static final Duration QUESTION = Duration.ofMillis(100);

  private Handover() {}

  static void await(BpfMap dialled) {
    long end = System.nanoTime() + LONGEST.toNanos();
    try (var arena = Arena.ofConfined()) {
      var key = arena.allocate(dialled.keySize(), Long.BYTES);
      Membarrier.awaitReaders();
      while (dialled.nextKey(null, key) && System.nanoTime() < end) {
        Thread.sleep(10);
      }
      Thread.sleep(QUESTION);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // whoever is in a hurry needn't wait
    }
  }
}
