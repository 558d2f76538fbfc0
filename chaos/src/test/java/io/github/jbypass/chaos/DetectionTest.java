// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.jbypass.chaos.ends.Relay;
import io.github.jbypass.examples.Main;
import io.github.jbypass.testing.KernelTest;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That a run fails which has to: with a sidecar, an agent or programs that do wrong. */
@KernelTest
@Timeout(120)
class DetectionTest {
  private static final int CONNECTIONS = 60;
  private static final PrintStream SILENCE = new PrintStream(OutputStream.nullOutputStream());

  @ParameterizedTest
  @ValueSource(
      classes = {
        FaultySidecar.LosesAByte.class,
        FaultySidecar.ChangesABit.class,
        FaultySidecar.ExchangesBytes.class,
        FaultySidecar.CrossesConnections.class
      })
  void aSidecarThatDoesWrongIsNoticed(Class<?> sidecar) {
    assertThatThrownBy(() -> run(new Cast(Main.class, sidecar), Duration.ofSeconds(10)))
        .isInstanceOf(ChaosException.class)
        .hasMessageContaining("a wrong ");
  }

  /**
   * What is sent while redirecting is off goes over TCP; what follows must not overtake it. It may
   * overtake a connection's first bytes, too, which tell whose it is.
   */
  @Test
  void programsWithoutTheGateAreNoticed() {
    assertThatThrownBy(
            () ->
                run(
                    new Cast(UngatedAgent.class, Relay.class),
                    Duration.ofSeconds(20),
                    Action.STALL_READERS))
        .isInstanceOf(ChaosException.class)
        .message()
        .containsAnyOf("a wrong ", "a connection that nobody opened");
  }

  private static void run(Cast cast, Duration time, Action... actions) throws InterruptedException {
    new Chaos(1, CONNECTIONS, time, List.of(actions), SILENCE).run(cast);
  }
}
