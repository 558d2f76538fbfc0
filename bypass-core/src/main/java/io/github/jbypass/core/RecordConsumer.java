// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.lang.foreign.MemorySegment;

/** Takes the records of a {@link RingBuffer}, one after the other, in the thread that polls. */
@FunctionalInterface
public interface RecordConsumer {
  /**
   * Takes a record. It lies where the program wrote it, in the kernel's own pages: nothing is
   * copied or allocated for it. After the call its space is the programs' again, so what is to be
   * kept has to be copied. An exception ends the polling and comes out of it; the record counts as
   * consumed.
   *
   * @param ring memory of the ring, read-only; only the record's bytes in it mean anything
   * @param offset where the record begins, a multiple of eight
   * @param length of the record in bytes
   */
  void accept(MemorySegment ring, long offset, int length);
}
