// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import io.github.jbypass.chaos.ends.Relay;

/**
 * The programs of a {@link Scene} that it is not sure of.
 *
 * @param agent the main class of the agent, which gets the word {@code agent} and its options
 * @param sidecar the main class of the sidecar
 */
record Cast(Class<?> agent, Class<?> sidecar) {
  static Cast real() {
    return new Cast(io.github.jbypass.examples.Main.class, Relay.class);
  }
}
