// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Inspection needs libbpf, but no privileges and no kernel to load into. */
class ProgramSpecTest {
  @Test
  void aProgramsSectionSaysWhatItIs() {
    try (var pair = Fixture.open("pair");
        var iterators = Fixture.open("iterators");
        var packets = Fixture.open("packets")) {
      assertThat(pair.program("one"))
          .isEqualTo(
              new BpfProgramSpec(
                  "one",
                  "cgroup/connect6",
                  ProgramType.CGROUP_SOCK_ADDR,
                  Optional.of(AttachType.CGROUP_INET6_CONNECT),
                  true));
      assertThat(pair.program("packet").attachType()).contains(AttachType.CGROUP_INET_INGRESS);
      assertThat(iterators.program("dump_sockets"))
          .isEqualTo(
              new BpfProgramSpec(
                  "dump_sockets",
                  "iter/sockmap",
                  ProgramType.TRACING,
                  Optional.of(AttachType.TRACE_ITER),
                  true));
      assertThat(packets.program("first"))
          .isEqualTo(
              new BpfProgramSpec("first", "tc", ProgramType.SCHED_CLS, Optional.empty(), true));
    }
  }

  @Test
  void aQuestionMarkSaysThatAProgramIsNotLoadedUnlessItIsAskedFor() {
    try (var spec = Fixture.open("pair")) {
      assertThat(spec.program("not_loaded").section()).isEqualTo("cgroup/bind4");
      assertThat(spec.program("not_loaded").autoload()).isFalse();
      spec.autoload("not_loaded", true);
      assertThat(spec.program("not_loaded").autoload()).isTrue();
    }
  }

  @Test
  void unknownNamesAndClosedSpecsAreRefused() {
    var spec = Fixture.open("pair");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spec.program("none"))
        .withMessageContaining("there are [one, other, not_loaded, packet]");
    spec.close();
    assertThatIllegalStateException().isThrownBy(() -> spec.program("one"));
  }
}
