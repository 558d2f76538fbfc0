// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** Reads structs. */
public class Decode extends Codecs {
  /** {@code RecordCodec.read}, which makes a record each time. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long records() {
    long sum = 0;
    for (int i = 0; i < OPERATIONS; i++) {
      sum += codec.read(structs, offset(i)).sum();
    }
    return complete(sum);
  }

  /** Member by member. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long memory() {
    var source = structs;
    long sum = 0;
    for (int i = 0; i < OPERATIONS; i++) {
      long at = offset(i);
      sum +=
          source.get(LONG, at)
              + Integer.toUnsignedLong(source.get(NETWORK_INT, at + ADDRESS))
              + Short.toUnsignedInt(source.get(SHORT, at + PORT))
              + Short.toUnsignedInt(source.get(SHORT, at + FLAGS))
              + source.get(LONG, at + BYTES);
    }
    return complete(sum);
  }

  /** The same in C. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long c() {
    return complete(CLoops.decode(structs, SAMPLES, ROUNDS));
  }

  private long complete(long sum) {
    return Expect.that(sum, ROUNDS * sumFrom(sample), "the sum of all members");
  }
}
