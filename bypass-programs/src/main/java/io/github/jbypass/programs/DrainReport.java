// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.maps.Flow;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a {@link Bypass#drain} has left. Immutable.
 *
 * @param left enrolled sockets whose applications had not read yet what was redirected to them:
 *     {@link Flow#queued} bytes each
 */
public record DrainReport(List<Flow> left) {
  /** Copies the list. */
  public DrainReport {
    left = List.copyOf(left);
  }

  /** {@return whether nothing is left} */
  public boolean isDrained() {
    return left.isEmpty();
  }

  /** {@return how many bytes are left, as far as the kernel tells} */
  public long bytes() {
    return left.stream().mapToLong(flow -> flow.queued().orElse(0)).sum();
  }

  /** A line for each socket. */
  @Override
  public String toString() {
    return isDrained()
        ? "drained"
        : left.stream()
            .map(
                flow ->
                    "%s has %s unread bytes"
                        .formatted(
                            flow.key(),
                            flow.queued().isPresent() ? flow.queued().getAsLong() : "some"))
            .collect(Collectors.joining("\n"));
  }
}
