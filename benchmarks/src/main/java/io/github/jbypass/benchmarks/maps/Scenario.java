// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

/** What is measured, in the order of the table. */
enum Scenario {
  LOOKUP_HIT("lookup, hit", LookupHit.class, Goal.SINGLE),
  LOOKUP_MISS("lookup, miss", LookupMiss.class, Goal.SINGLE),
  UPDATE("update", Update.class, Goal.SINGLE),
  DELETE("delete", Delete.class, Goal.SINGLE),
  PER_CPU_SUM("sum over CPUs", PerCpuSum.class, Goal.SINGLE),
  WALK("iterate", Walk.class, Goal.ALLOCATION_ONLY),
  BATCH_LOOKUP("lookup in batches", BatchLookup.class, Goal.BATCH),
  BATCH_UPDATE("update in batches", BatchUpdate.class, Goal.BATCH),
  BATCH_DELETE("delete in batches", BatchDelete.class, Goal.BATCH),
  ENCODE("encode a struct", Encode.class, Goal.ALLOCATION_ONLY),
  DECODE("decode a struct", Decode.class, Goal.ALLOCATION_ONLY),
  COUNTER_READ("read a mapped counter", CounterRead.class, Goal.COUNTER),
  RING_CONSUME("consume from a ring buffer", RingConsume.class, Goal.RING);

  final String title;
  final Class<?> benchmark;
  final Goal goal;

  Scenario(String title, Class<?> benchmark, Goal goal) {
    this.title = title;
    this.benchmark = benchmark;
    this.goal = goal;
  }

  /** The single operation that a batch does many of. */
  Scenario single() {
    return switch (this) {
      case BATCH_LOOKUP -> LOOKUP_HIT;
      case BATCH_UPDATE -> UPDATE;
      case BATCH_DELETE -> DELETE;
      default -> throw new IllegalArgumentException(this + " is no batch");
    };
  }
}
