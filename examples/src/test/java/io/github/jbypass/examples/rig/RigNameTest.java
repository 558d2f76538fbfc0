// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RigNameTest {
  /** Linux has no pid this large. */
  private static final String DEAD = "4194305";

  @Test
  void whatADeadProcessMadeIsAnOrphan() {
    assertThat(RigName.isOrphan("jbypass-mesh-" + DEAD + "-plain")).isTrue();
  }

  @Test
  void whatThisProcessMadeIsNoOrphan() {
    assertThat(RigName.isOrphan(RigName.of("plain"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pod-" + DEAD,
        "jbypass-mesh-",
        "jbypass-mesh-x-plain",
        "my-jbypass-mesh-" + DEAD + "-plain"
      })
  void whatOthersMadeIsLeftAlone(String name) {
    assertThat(RigName.isOrphan(name)).isFalse();
  }
}
