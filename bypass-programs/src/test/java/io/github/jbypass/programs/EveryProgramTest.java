// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.KernelAbility;
import io.github.jbypass.core.KernelFeatures;
import io.github.jbypass.core.VerifierException;
import io.github.jbypass.maps.Flows;
import io.github.jbypass.testing.KernelTest;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** This kernel's verifier takes each of the programs, whether a preset uses it or not. */
@KernelTest
class EveryProgramTest {
  /** Those that need more than every kernel has; for each, there is another one that does not. */
  private static final Map<String, KernelAbility> NEEDS =
      Map.of(
          "redirect_messages",
          KernelAbility.TYPED_CAST,
          Flows.OVER_SOCKETS,
          KernelAbility.SOCKET_MAP_ITERATOR);

  @TestFactory
  Stream<DynamicTest> loadsByItself() throws IOException {
    try (var spec = open()) {
      return spec.programNames().stream()
          .map(name -> DynamicTest.dynamicTest(name, () -> check(name)));
    }
  }

  private static void check(String name) throws IOException {
    var needed = NEEDS.get(name);
    if (needed != null && !KernelFeatures.ability(needed).isPresent()) {
      assertThatExceptionOfType(VerifierException.class)
          .isThrownBy(() -> assertLoads(name))
          .withMessageContaining(name);
    } else {
      assertLoads(name);
    }
  }

  private static void assertLoads(String name) throws IOException {
    try (var spec = open()) {
      spec.programNames().forEach(it -> spec.autoload(it, it.equals(name)));
      spec.set("intercepts", true); // or the verifier would not look at what depends on it
      try (var object = spec.load()) {
        assertThat(object.program(name).info().id()).isPositive();
      }
    }
  }

  private static BpfObjectSpec open() throws IOException {
    try (var elf = Bypass.class.getResourceAsStream("bypass.bpf.o")) {
      return BpfObjectSpec.open("bypass", elf.readAllBytes());
    }
  }
}
