// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** Writes structs. */
public class Encode extends Codecs {
  /** {@code RecordCodec.write}, of one record. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long records() {
    for (int i = 0; i < OPERATIONS; i++) {
      codec.write(sample, structs, offset(i));
    }
    return complete(SAMPLES * sample.sum());
  }

  /** Member by member, numbered. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long memory() {
    var target = structs;
    for (int i = 0; i < OPERATIONS; i++) {
      long at = offset(i);
      target.set(LONG, at, sample.id() + i);
      target.set(NETWORK_INT, at + ADDRESS, sample.address());
      target.set(SHORT, at + PORT, (short) sample.port());
      target.set(SHORT, at + FLAGS, (short) sample.flags());
      target.set(LONG, at + BYTES, sample.bytes());
    }
    return complete(lastRound());
  }

  /** The same in C. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long c() {
    CLoops.encode(structs, sample, SAMPLES, ROUNDS);
    return complete(lastRound());
  }

  private long lastRound() {
    return sumFrom(sample) + (long) SAMPLES * SAMPLES * (ROUNDS - 1);
  }

  private long complete(long sum) {
    return Expect.that(CLoops.decode(structs, SAMPLES, 1), sum, "the sum that C reads");
  }
}
