// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.jbypass.testing.KernelTest;
import org.junit.jupiter.api.Test;

@KernelTest
class VerifierRejectionTest {
  private static VerifierException rejection() {
    try (var spec = Fixture.open("rejected")) {
      return catchThrowableOfType(VerifierException.class, spec::load);
    }
  }

  @Test
  void theMessageNamesTheProgramAndShowsTheFatalInstruction() {
    var rejection = rejection();

    assertThat(rejection.operation()).isEqualTo("load");
    assertThat(rejection.object()).isEqualTo("program follows_null");
    assertThat(rejection.errno()).isEqualTo(13);
    assertThat(rejection)
        .hasMessageContaining("(79) r0 = *(u64 *)(r0 +0)")
        .hasMessageContaining("R0 invalid mem access 'map_value_or_null'")
        .hasMessageEndingWith("[EACCES]");
    assertThat(rejection.getMessage().lines().count()).isLessThan(12);
  }

  @Test
  void theSummaryEndsWithTheComplaint() {
    assertThat(rejection().summary())
        .hasSizeBetween(2, 6)
        .last()
        .asString()
        .contains("R0 invalid mem access");
  }

  @Test
  void theLogIsWhole() {
    assertThat(rejection().log())
        .contains("0: (61) r") // the first instruction
        .contains("R0 invalid mem access")
        .contains("processed ")
        .doesNotContain("BEGIN PROG LOAD LOG")
        .doesNotContain("END PROG LOAD LOG");
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
