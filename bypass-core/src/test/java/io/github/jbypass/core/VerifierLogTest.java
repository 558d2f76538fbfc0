// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
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
  void statisticsAreNoComplaint() {
    var log = VerifierLog.find(WARNINGS).orElseThrow();

    assertThat(log.program()).isEqualTo("p");
    assertThat(log.reason()).startsWith("At program exit").doesNotContain("usec", "insns");
    assertThat(log.instructions())
        .containsExactly("0: (b7) r0 = 5                        ; R0_w=5", "1: (95) exit");
    assertThat(log.statistics())
        .contains("processed 2 insns (limit 1000000) max_states_per_insn 0");
    assertThat(log.source()).isEmpty();
    assertThat(log.text()).startsWith("0: R1=ctx").endsWith("max_states_per_insn 0\n");
  }

  @Test
  void aLogThatWasCutOffIsTakenAsFarAsItGoes() {
    var log =
        VerifierLog.find(WARNINGS.substring(0, WARNINGS.indexOf("verification"))).orElseThrow();

    assertThat(log.reason()).startsWith("At program exit");
    assertThat(log.statistics()).isEmpty();
  }

  @Test
  void kernelsBefore69TellTheTextOfTheSourceLineOnly() {
    var log = new VerifierLog("p", "; return *value;\n7: (79) r0 = *(u64 *)(r0 +0)\nR0 invalid\n");

    assertThat(log.source()).contains(new SourceLine(Optional.empty(), 0, "return *value;"));
    assertThat(log.reason()).isEqualTo("R0 invalid");
  }

  @Test
  void whatTheVerifierKnewIsNoComplaint() {
    var log =
        new VerifierLog(
            "p",
            """
            from 4 to 5: R0=1 R10=fp0
            ; while (n < 1) @ dir/p.bpf.c:51
            5: (16) if w1 == 0x0 goto pc-2        ; R1=0
            infinite loop detected at insn 5
            cur state: R1=0 R10=fp0
            old state: R1=P0 R10=fp0
            """);

    assertThat(log.reason()).isEqualTo("infinite loop detected at insn 5");
    assertThat(log.source()).hasToString("Optional[dir/p.bpf.c:51: while (n < 1)]");
  }

  @Test
  void aLogWithoutAComplaintIsNotInvented() {
    assertThat(new VerifierLog("p", "0: (95) exit\n").reason()).isEqualTo("it does not say why");
  }

  @Test
  void otherWarningsHoldNoLog() {
    assertThat(VerifierLog.find("map 'm': failed to create: Invalid argument(-22)\n")).isEmpty();
    assertThat(VerifierLog.find("")).isEmpty();
  }
}
