// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

/** A part of the benchmarks that can be run on its own, and has a report of its own. */
interface Section {
  /**
   * Measures, and leaves nothing behind whatever happens.
   *
   * @throws UnprovedException if what was measured is not what it was meant to be
   */
  void run(Setting setting, Findings findings) throws Exception;
}
