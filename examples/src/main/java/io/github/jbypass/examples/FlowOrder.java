// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.maps.Flow;
import java.util.Comparator;
import java.util.function.ToLongFunction;

/** By what {@link LiveFlows} sorts, the largest first. */
enum FlowOrder {
  /** Bytes redirected. */
  BYTES(flow -> flow.redirected().bytes()),
  /** Messages redirected. */
  MESSAGES(flow -> flow.redirected().messages()),
  /** Bytes over TCP. */
  TCP(flow -> flow.tcp().bytes()),
  /** Bytes that wait to be read. */
  QUEUE(flow -> flow.queued().orElse(0));

  private final ToLongFunction<Flow> measure;

  FlowOrder(ToLongFunction<Flow> measure) {
    this.measure = measure;
  }

  Comparator<Flow> comparator() {
    return Comparator.comparingLong(measure).reversed().thenComparingLong(Flow::cookie);
  }
}
