// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.NetworkNamespace;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodTest {
  private final NetworkNamespace namespace = NetworkNamespace.ofThisProcess();

  @Test
  void aPodNeedsAName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pod.named(""))
        .withMessage("a pod needs a name");
  }

  @Test
  void somethingHasToBeInAPod() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pod.named("one").address("10.1.2.3").build())
        .withMessage(
            "pod one has neither a namespace nor a cgroup: nothing can be known to be in it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1", "0.0.0.0", "::", "224.0.0.1", "ff02::1"})
  void anAddressIsOneThatOthersCanReach(String address) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pod.named("one").address(address))
        .withMessage(
            "pod one: "
                + InetAddress.ofLiteral(address).getHostAddress()
                + " is not an address that others can reach");
  }

  @Test
  void aNameIsNoAddress() {
    assertThatIllegalArgumentException().isThrownBy(() -> Pod.named("one").address("localhost"));
  }

  @Test
  void aCgroupIsTheContainersOrTheSidecars() {
    Cgroup cgroup = Cgroup.ofThisProcess();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pod.named("one").cgroup(cgroup).sidecarCgroup(cgroup).build())
        .withMessage(
            "pod one: " + cgroup.path() + " is both a container's cgroup and the sidecar's");
  }

  @Test
  void theFirstAddressesComeFirst() {
    Pod pod = Pod.named("one").namespace(namespace).address("10.1.2.4").address("10.1.2.3").build();
    assertThat(pod.addresses())
        .containsExactly(InetAddress.ofLiteral("10.1.2.4"), InetAddress.ofLiteral("10.1.2.3"));
  }

  @Test
  void podsAreEqualIfAllOfThemIs() {
    Pod pod = Pod.named("one").namespace(namespace).address("10.1.2.3").build();
    assertThat(Pod.named("one").namespace(namespace).address("10.1.2.3").build())
        .isEqualTo(pod)
        .hasSameHashCodeAs(pod);
    PodPolicy policy = PodPolicy.builder().captureDns(true).build();
    assertThat(Pod.named("one").namespace(namespace).address("10.1.2.3").policy(policy).build())
        .isNotEqualTo(pod);
    assertThat(Pod.named("two").namespace(namespace).address("10.1.2.3").build()).isNotEqualTo(pod);
    assertThat(Pod.named("one").namespace(namespace).address("10.1.2.4").build()).isNotEqualTo(pod);
  }
}
