// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.jbypass.testing.KernelTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that the kernel rejects, each for another reason; see rejections.bpf.c. */
@KernelTest
class VerifierRejectionTest {
  private static final Map<String, VerifierException> REJECTIONS = new HashMap<>();

  private static VerifierException rejection(String program) {
    return REJECTIONS.computeIfAbsent(program, VerifierRejectionTest::reject);
  }

  private static VerifierException reject(String program) {
    try (var spec = Fixture.open("rejections")) {
      spec.autoload(program, true);
      try (var _ = spec.load()) {
        throw new AssertionError(program + " was not rejected");
      } catch (VerifierException e) {
        return e;
      }
    }
  }

  private static List<String> sourceLines() {
    try {
      return Files.readAllLines(Path.of("src/test/bpf/rejections.bpf.c"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          reads_out_of_bounds   | 13 | invalid access to map value        | return values ?
          follows_null          | 13 | invalid mem access                 | return *value & 1
          keeps_reference       | 22 | Unreleased reference               | return 1;
          loops_forever         | 22 | infinite loop detected             | while (n < 1)
          is_too_complex        |  7 | BPF program is too large           | i < 10000000
          calls_foreign_helper  | 22 | bpf_msg_apply_bytes#61             | bpf_msg_apply_bytes(
          reads_outside_context | 13 | invalid bpf_context access off=4000 | ctx + 4000
          """)
  void theReasonComesFirstThenTheSourceLineThenInstructionsAndStatistics(
      String program, int errno, String reason, String source) {
    var rejection = rejection(program);

    assertThat(rejection.operation()).isEqualTo("load");
    assertThat(rejection.object()).isEqualTo("program " + program);
    assertThat(rejection.errno()).isEqualTo(errno);
    assertThat(rejection.reason()).contains(reason).doesNotContain("\n");
    assertThat(rejection.source().orElseThrow().text()).contains(source);
    assertThat(rejection.instructions())
        .hasSizeBetween(1, 4)
        .allMatch(line -> line.matches("\\d+: \\(..\\) .*"));
    assertThat(rejection.statistics().orElseThrow()).matches("processed \\d+ insns .*");
    assertThat(rejection.log()).contains("0: (").contains(reason).contains("processed ");
    assertThat(rejection.log()).doesNotContain("PROG LOAD LOG");
    var lines = rejection.getMessage().lines().toList();
    assertThat(lines).hasSizeLessThan(10);
    assertThat(lines.getFirst())
        .startsWith("load program " + program + ": the verifier rejected it: ")
        .contains(reason);
    assertThat(lines.get(1)).startsWith("  at ").contains(source);
    assertThat(lines.getLast()).matches(" *\\[E[A-Z0-9]+]");
  }

  @Test
  void whereTheKernelTellsTheSourceLineHasFileAndNumber() {
    var source = rejection("reads_out_of_bounds").source().orElseThrow();

    if (source.file().isPresent()) { // since Linux 6.9
      assertThat(source.file()).contains("rejections.bpf.c");
      assertThat(sourceLines().get(source.line() - 1).strip()).isEqualTo(source.text());
      assertThat(source).asString().startsWith("rejections.bpf.c:" + source.line() + ": ");
    } else {
      assertThat(KernelVersion.running()).isLessThan(KernelVersion.of("6.9"));
      assertThat(sourceLines()).anyMatch(line -> line.strip().equals(source.text()));
    }
  }

  @Test
  void aHelperThatTheTypeCannotCallIsExplainedByAskingTheKernel() {
    assertThat(rejection("calls_foreign_helper"))
        .hasMessageContaining(
            "programs of type SOCK_OPS can't call bpf_msg_apply_bytes on this kernel");
  }

  @Test
  void aLogOfMegabytesIsWhole() {
    assertThat(rejection("is_too_complex").log().lines().count()).isGreaterThan(100_000);
  }

  @Test
  void aProgramThatIsNotLoadedIsNotRejected() {
    try (var spec = Fixture.open("rejected")) {
      spec.autoload("follows_null", false);
      try (var object = spec.load()) {
        assertThat(object.program("innocent").id()).isPositive();
      }
    }
  }

  @Test
  void aSpecIsUsedUpByAFailedLoad() {
    var spec = Fixture.open("rejected");
    assertThatThrownBy(spec::load).isInstanceOf(VerifierException.class);
    assertThatThrownBy(spec::load)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("BPF object rejected was loaded or closed");
    spec.close();
  }
}
