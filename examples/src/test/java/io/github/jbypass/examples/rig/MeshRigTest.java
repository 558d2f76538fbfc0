// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.jbypass.testing.KernelTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
@KernelTest
class MeshRigTest {
  @ParameterizedTest
  @EnumSource
  void requestsAreAnswered(SidecarMode mode) throws Exception {
    try (MeshRig rig = MeshRig.start("answers", mode)) {
      assertAnswered(rig.load(Load.keepAlive(2, 1, 100_000)));
      assertAnswered(rig.load(new Load(2, 2, 1, 64, true)));
    }
  }

  @Test
  void rigsStandSideBySide() throws Exception {
    try (MeshRig one = MeshRig.start("one", SidecarMode.HTTP);
        MeshRig other = MeshRig.start("other", SidecarMode.TCP)) {
      Load load = Load.keepAlive(1, 1, 64);
      assertThat(Rounds.medians(List.of(one, other), load, 1))
          .hasSize(2)
          .allSatisfy(MeshRigTest::assertAnswered);
    }
  }

  @Test
  void onlyARigWithIptablesHasRules() throws Exception {
    try (MeshRig iptables = MeshRig.start("iptables", SidecarMode.TCP);
        MeshRig bare = MeshRig.start("bare", SidecarMode.TCP, Interception.BYPASS)) {
      assertAnswered(iptables.load(Load.keepAlive(1, 1, 64)));
      assertAnswered(bare.load(Load.keepAlive(1, 1, 64))); // directly
      assertThat(iptables.netfilterRules()).hasSize(9);
      assertThat(iptables.trackedConnections()).isPositive();
      assertThat(bare.netfilterRules()).isEmpty();
      assertThat(bare.trackedConnections()).isZero();
    }
  }

  @Test
  void aRigThatCannotBeBuiltLeavesItsElderAlone() throws Exception {
    try (MeshRig elder = MeshRig.start("same", SidecarMode.HTTP)) {
      assertThatThrownBy(() -> MeshRig.start("same", SidecarMode.HTTP))
          .isInstanceOf(RigException.class)
          .hasMessageContaining("same-client");
      assertAnswered(elder.load(Load.keepAlive(1, 1, 64)));
    }
  }

  private static void assertAnswered(LoadResult result) {
    assertThat(result.requests()).isPositive();
    assertThat(result.errors()).isZero();
  }
}
