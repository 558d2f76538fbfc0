// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import java.util.List;

/** A part of the benchmarks that can be run on its own, and has a report of its own. */
interface Section {
  /**
   * Measures, and leaves nothing behind whatever happens.
   *
   * @throws UnprovedException if what was measured is not what it was meant to be
   */
  void run(Setting setting, Findings findings) throws Exception;

  /** What its figures are to reach. */
  default List<Goal> goals() {
    return List.of();
  }
}
