// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/**
 * A walk over a map was given up, because others removed entries faster than it got on: it has seen
 * several times as many entries as the map can hold and still not reached the end. What was visited
 * until then was there; begin again if it has to be complete.
 */
public final class IterationAbortedException extends BpfException {
  private static final long serialVersionUID = 1L;

  IterationAbortedException(String object, long steps) {
    super(
        "iterate over", object, 0, "it changes too fast: not at its end after " + steps + " steps");
  }
}
