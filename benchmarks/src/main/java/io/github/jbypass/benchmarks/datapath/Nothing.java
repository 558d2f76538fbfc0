// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.ProgramStatistics;

/** Programs that do nothing. */
final class Nothing {
  private static final int RUNS = 100_000;

  private Nothing() {}

  static BpfObject load() {
    try (var spec =
        BpfObjectSpec.open("nothing", Nothing.class.getResourceAsStream("/bpf/nothing.bpf.o"))) {
      return spec.load();
    }
  }

  /** What the kernel measures of one, over many runs: what measuring itself takes. */
  static ProgramStatistics measured() {
    try (var object = load()) {
      var program = object.program("measure_nothing");
      program.testRun(new byte[64], new byte[0], RUNS);
      return program.statistics();
    }
  }
}
