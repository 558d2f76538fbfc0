// SPDX-License-Identifier: Apache-2.0
/** What jbypass counts, as meters of Micrometer. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // as Micrometer comes
module io.github.jbypass.micrometer {
  requires transitive io.github.jbypass.programs;
  requires transitive micrometer.core;
  requires static transitive org.jspecify;

  exports io.github.jbypass.micrometer;
}
