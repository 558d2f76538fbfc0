// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeshTest {
  @Test
  void presetsAreFoundByNameWhateverItsCase() {
    assertThat(Mesh.named("istio")).isSameAs(Mesh.ISTIO);
    assertThat(Mesh.named("LinkerD")).isSameAs(Mesh.LINKERD);
    assertThat(Mesh.named("KUMA")).isSameAs(Mesh.KUMA);
    assertThat(Mesh.named("osm")).isSameAs(Mesh.OSM);
  }

  @Test
  void anUnknownNameIsAnsweredWithTheNamesThatThereAre() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mesh.named("consul"))
        .withMessage("no mesh 'consul'; there are [istio, linkerd, kuma, osm]");
  }

  @Test
  void aCopyHasEveryValue() {
    for (Mesh mesh : Mesh.PRESETS) {
      Mesh copy = mesh.toBuilder().build();
      assertThat(copy).usingRecursiveComparison().isEqualTo(mesh);
    }
  }

  @Test
  void aChangedCopyLeavesTheOriginalAlone() {
    Mesh changed = Mesh.ISTIO.toBuilder().dnsPort(5353).statusPorts(1).build();
    assertThat(changed.dnsPort()).isEqualTo(OptionalInt.of(5353));
    assertThat(changed.statusPorts()).containsExactly(1);
    assertThat(Mesh.ISTIO.dnsPort()).isEqualTo(OptionalInt.of(15_053));
    assertThat(Mesh.ISTIO.statusPorts()).containsExactlyInAnyOrder(15_020, 15_021, 15_090);
  }

  @Test
  void aMeshNeedsAName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mesh.builder(" "))
        .withMessage("a mesh needs a name");
  }

  @Test
  void aMeshNeedsBothPorts() {
    for (Mesh.Builder incomplete :
        new Mesh.Builder[] {
          Mesh.builder("own"),
          Mesh.builder("own").outboundPort(1),
          Mesh.builder("own").inboundPort(1)
        }) {
      assertThatIllegalArgumentException()
          .isThrownBy(incomplete::build)
          .withMessage("mesh own needs an outbound and an inbound port");
    }
  }

  @Test
  void aPortHasOnePurpose() {
    Mesh.Builder mesh = Mesh.builder("own").outboundPort(1).inboundPort(2);
    for (int port : new int[] {1, 2}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> mesh.dnsPort(port).build())
          .withMessage("mesh own needs different ports for outbound, inbound and DNS");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mesh.builder("own").outboundPort(3).inboundPort(3).build())
        .withMessage("mesh own needs different ports for outbound, inbound and DNS");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 65_536})
  void aPortIsBetween1And65535(int port) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mesh.builder("own").outboundPort(port))
        .withMessage("port " + port + " is not between 1 and 65535");
    assertThatIllegalArgumentException().isThrownBy(() -> Mesh.builder("own").statusPorts(1, port));
  }

  @Test
  void anIdIsNotNegative() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mesh.builder("own").sidecarUser(-1))
        .withMessage("user id -1 is negative");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mesh.builder("own").sidecarGroup(-2))
        .withMessage("group id -2 is negative");
  }

  @Test
  void thereIsOnePassthroughAddressOfAFamily() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Mesh.builder("own")
                    .passthroughFrom(
                        InetAddress.ofLiteral("127.0.0.6"), InetAddress.ofLiteral("127.0.0.7")))
        .withMessageStartingWith("sidecars pass through from one address of each family");
  }
}
