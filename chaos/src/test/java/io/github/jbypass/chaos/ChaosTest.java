// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import io.github.jbypass.testing.KernelTest;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The form for every build; {@code ./bypass chaos --long} goes on for an hour. */
@KernelTest
@Timeout(400)
class ChaosTest {
  private static final Duration TIME = Duration.ofSeconds(120);
  private static final int CONNECTIONS = 500;

  @Test
  void noByteIsLostOvertakenOrAstrayWhateverHappens() throws InterruptedException {
    new Chaos(
            new Random().nextInt(1_000_000), // printed, for ./bypass chaos --seed
            CONNECTIONS,
            TIME,
            List.of(Action.values()),
            System.out)
        .run(Cast.real());
  }
}
