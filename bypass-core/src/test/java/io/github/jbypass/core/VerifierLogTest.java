// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VerifierLogTest {
  private static final String WARNINGS =
      """
      prog 'p': BPF program load failed: Invalid argument
      prog 'p': -- BEGIN PROG LOAD LOG --
      0: R1=ctx(off=0,imm=0) R10=fp0
      0: (b7) r0 = 5                        ; R0_w=5
      1: (95) exit
      At program exit the register R0 has value (0x5; 0x0) should have been in (0x0; 0x1)
      verification time 12 usec
      stack depth 0
      processed 2 insns (limit 1000000) max_states_per_insn 0
      -- END PROG LOAD LOG --
      failed to load program 'p'
      """;

  @Test
  void statisticsAreNoUsefulLines() {
    var log = VerifierLog.find(WARNINGS).orElseThrow();

    assertThat(log.program()).isEqualTo("p");
    assertThat(log.summary()).hasSize(4).last().asString().startsWith("At program exit");
    assertThat(log.text()).startsWith("0: R1=ctx").endsWith("max_states_per_insn 0\n");
  }

  @Test
  void aLogThatWasCutOffIsTakenAsFarAsItGoes() {
    var log =
        VerifierLog.find(WARNINGS.substring(0, WARNINGS.indexOf("verification"))).orElseThrow();

    assertThat(log.summary()).last().asString().startsWith("At program exit");
  }

  @Test
  void otherWarningsHoldNoLog() {
    assertThat(VerifierLog.find("map 'm': failed to create: Invalid argument(-22)\n")).isEmpty();
    assertThat(VerifierLog.find("")).isEmpty();
  }
}
