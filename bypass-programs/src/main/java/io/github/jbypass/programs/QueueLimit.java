// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfObjectSpec;

/**
 * How many bytes may wait in a socket's queue.
 *
 * @param grows whether as many as its receive buffer holds, where that is larger
 */
record QueueLimit(ByteSize size, boolean grows) {
  void configure(BpfObjectSpec spec) {
    spec.set("queue_limit", (int) size.bytes());
    spec.set("queue_limit_grows", grows);
  }

  /** Of a socket with such a receive buffer. */
  long bytes(long receiveBuffer) {
    return grows ? Math.max(size.bytes(), receiveBuffer) : size.bytes();
  }
}
