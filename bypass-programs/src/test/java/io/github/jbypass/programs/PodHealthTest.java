// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.core.BpfLink;
import io.github.jbypass.core.NetworkDevice;
import io.github.jbypass.core.TcDirection;
import io.github.jbypass.core.TcFilter;
import io.github.jbypass.programs.Health.Kind;
import io.github.jbypass.programs.Health.Problem;
import io.github.jbypass.programs.testing.PodNetwork;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether the programs stay on pods' interfaces. */
class PodHealthTest extends InterceptionTest {
  @BeforeEach
  void makePods() {
    intercept();
  }

  @Test
  void withAllFiltersInPlaceItIsHealthy() {
    assertThat(bypass.health().problems()).isEmpty();
  }

  @Test
  void aFilterThatSomebodyRemovedIsNamedUntilThePodIsMadeAnew() {
    NetworkDevice device = server.networkNamespace().device(server.device());
    TcFilter.list(device, TcDirection.INGRESS).forEach(BpfLink::detach);
    assertThat(bypass.health().problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.kind()).isEqualTo(Kind.DETACHED);
              assertThat(problem.object())
                  .contains("filter jbypass-lead_to_sidecar", server.device());
            });

    bypass.pods().remove("server");
    assertThat(bypass.health().problems()).isEmpty();
    bypass.pods().add(pod("server", server).build());
    assertThat(bypass.health().problems()).isEmpty();
    assertThat(TcFilter.list(device, TcDirection.INGRESS)).hasSize(1);
  }

  @Test
  void anotherProgramInAFilterIsAProblem() {
    NetworkDevice device = server.networkNamespace().device(server.device());
    var filter = TcFilter.list(device, TcDirection.EGRESS).getFirst();
    filter.update(bypass.object().program("lead_to_sidecar"));
    assertThat(bypass.health().problems()).extracting(Problem::kind).containsExactly(Kind.REPLACED);
    filter.update(bypass.object().program("answer_for_pod"));
    assertThat(bypass.health().problems()).isEmpty();
  }

  @Test
  void aPodWhoseInterfaceIsGoneIsNoProblem() {
    bypass.pods().set(List.of());
    try (PodNetwork elsewhere = PodNetwork.create()) {
      bypass.pods().add(pod("short-lived", elsewhere.addHost()).build());
      assertThat(bypass.health().problems()).isEmpty();
    }
    assertThat(bypass.health().problems()).isEmpty();
  }
}
