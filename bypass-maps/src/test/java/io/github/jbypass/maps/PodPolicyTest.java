// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PodPolicyTest {
  private static final List<Cidr> NETWORKS = List.of(Cidr.parse("10.0.0.0/8"));

  /** Each changes one field only. */
  private static final List<Consumer<PodPolicy.Builder>> FIELDS =
      List.of(
          it -> it.includeOutboundPorts(1),
          it -> it.excludeOutboundPorts(1),
          it -> it.includeInboundPorts(1),
          it -> it.excludeInboundPorts(1),
          it -> it.includeOutboundNetworks(NETWORKS),
          it -> it.excludeOutboundNetworks(NETWORKS),
          it -> it.includeInboundNetworks(NETWORKS),
          it -> it.excludeInboundNetworks(NETWORKS),
          it -> it.excludeUsers(1),
          it -> it.captureDns(true),
          it -> it.statusPort(1),
          it -> it.sidecarUser(1),
          it -> it.sidecarGroup(1));

  @Test
  void policiesAreEqualIfAllTheirFieldsAre() {
    for (Consumer<PodPolicy.Builder> field : FIELDS) {
      PodPolicy policy = with(field);
      assertThat(policy).isEqualTo(with(field)).hasSameHashCodeAs(with(field));
      assertThat(policy).isNotEqualTo(PodPolicy.everything());
      assertThat(FIELDS.stream().map(PodPolicyTest::with).filter(policy::equals)).hasSize(1);
    }
  }

  private static PodPolicy with(Consumer<PodPolicy.Builder> field) {
    PodPolicy.Builder builder = PodPolicy.builder();
    field.accept(builder);
    return builder.build();
  }

  @Test
  void whatIsCalledTwiceAddsUp() {
    assertThat(PodPolicy.builder().excludeOutboundPorts(1).excludeOutboundPorts(2).build())
        .isEqualTo(PodPolicy.builder().excludeOutboundPorts(1, 2).build());
  }

  @Test
  void aPolicyDoesNotChangeWithItsBuilder() {
    PodPolicy.Builder builder = PodPolicy.builder();
    PodPolicy policy = builder.build();
    FIELDS.forEach(field -> field.accept(builder));
    assertThat(policy).isEqualTo(PodPolicy.everything());
  }

  @Test
  void portsAndIdsAreChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PodPolicy.builder().includeInboundPorts(80, 65_536))
        .withMessage("port 65536 is not between 1 and 65535");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PodPolicy.builder().statusPort(0))
        .withMessage("port 0 is not between 1 and 65535");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PodPolicy.builder().excludeUsers(0, -1))
        .withMessage("user id -1 is negative");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PodPolicy.builder().sidecarGroup(-1))
        .withMessage("group id -1 is negative");
  }
}
