// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.maps.Counters;
import java.util.Optional;

/**
 * Somewhere to open connections.
 *
 * @param opener opens one
 */
record Place(String name, Enclave.Opener<Connection> opener, Optional<Counters> counters)
    implements Variant {
  /** Where no programs are. */
  Place(String name, Enclave.Opener<Connection> opener) {
    this(name, opener, Optional.empty());
  }

  Place(String name, Enclave.Opener<Connection> opener, Counters counters) {
    this(name, opener, Optional.of(counters));
  }
}
