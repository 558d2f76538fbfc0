// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.testing.DamagedObjects;
import io.github.jbypass.testing.KernelTest;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@KernelTest
class MutatedObjectTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "fixture, 0, 7000", // maps, global variables, three programs
    "relocated, 0, 2000", // CO-RE relocations
    "rejections, 0, 1000", // many programs, most of which are not loaded
  })
  @Timeout(120)
  void everyDamagedObjectIsRefusedOrHarmless(String object, long first, long count)
      throws Exception {
    var outcomes = DamagedObjects.open(directory, Fixture.bytes(object), first, count);

    System.out.printf("%s, damage %d to %d: %s%n", object, first, first + count - 1, outcomes);
    assertThat(outcomes).startsWith("{MalformedObjectException=").contains("loaded=");
  }
}
