// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.testing.DamagedObjects;
import io.github.jbypass.testing.KernelTest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@KernelTest
class DamagedProgramsTest {
  private static final int COUNT = 150; // each of which takes long to load

  @TempDir private Path directory;

  @Test
  @Timeout(120)
  void damageToTheProjectsOwnProgramsIsRefusedOrHarmless() throws Exception {
    byte[] object;
    try (var elf = Bypass.class.getResourceAsStream("bypass.bpf.o")) {
      object = elf.readAllBytes();
    }
    var outcomes = DamagedObjects.open(directory, object, 0, COUNT);

    System.out.printf("bypass.bpf.o, damage 0 to %d: %s%n", COUNT - 1, outcomes);
    assertThat(outcomes).startsWith("{MalformedObjectException=").contains("loaded=");
  }
}
