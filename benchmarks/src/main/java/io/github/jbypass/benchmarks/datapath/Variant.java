// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.maps.Counters;
import java.util.Optional;

/** One of those that are compared. */
interface Variant {
  String PLAIN = "plain";
  String TCP = "TCP";
  String UNIX = "AF_UNIX";
  String ALWAYS = "redirect always";
  String NEVER = "redirect never";
  String NO_OP = "no-op program";
  String ACCELERATED = "accelerated";
  String INTERCEPTED = "intercepted";

  /** The name of its column. */
  String name();

  /** Of the programs that work for it; empty without any. */
  Optional<Counters> counters();
}
