// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.KernelAbility;
import io.github.jbypass.core.KernelFeatures;
import io.github.jbypass.core.Support;
import io.github.jbypass.core.VerifierException;
import io.github.jbypass.testing.KernelTest;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** This kernel's verifier takes each of the programs, whether a preset uses it or not. */
@KernelTest
class EveryProgramTest {
  /** The one that needs more than the oldest kernels have; its portable twin does without. */
  private static final String NEEDS_TYPED_CAST = "redirect_messages";

  @TestFactory
  Stream<DynamicTest> loadsByItself() throws IOException {
    try (var spec = open()) {
      return spec.programNames().stream()
          .map(name -> DynamicTest.dynamicTest(name, () -> check(name)));
    }
  }

  private static void check(String name) throws IOException {
    if (name.equals(NEEDS_TYPED_CAST) && !hasTypedCast()) {
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

  private static boolean hasTypedCast() {
    return KernelFeatures.ability(KernelAbility.TYPED_CAST) instanceof Support.Yes;
  }

  private static BpfObjectSpec open() throws IOException {
    try (var elf = Bypass.class.getResourceAsStream("bypass.bpf.o")) {
      return BpfObjectSpec.open("bypass", elf.readAllBytes());
    }
  }
}
