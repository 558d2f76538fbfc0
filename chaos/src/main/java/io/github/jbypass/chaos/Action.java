// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** What happens to a {@link Scene} while its traffic goes on. */
enum Action {
  /** SIGKILL; for a while there is no agent. */
  KILL_AGENT {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      scene.killAgent();
    }
  },
  /** The agent ends in good order, and another one starts. */
  RESTART_AGENT {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      scene.stopAgent();
      pause(random, 500);
      scene.startAgent(AgentOptions.usual());
    }
  },
  /** An agent with another policy for what is redirected. */
  CHANGE_POLICY {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      var options = AgentOptions.any(random);
      scene.stopAgent();
      scene.startAgent(options);
    }
  },
  /** Other connections are led to the sidecar. */
  CHANGE_PODS {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      scene.writePods(PodChoice.any(random));
      pause(random, 1500); // the agent has to notice
    }
  },
  /** Maps are too small for all connections. */
  FILL_MAPS {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      scene.stopAgent();
      scene.startAgent(AgentOptions.withFewConnections());
    }
  },
  /** Redirecting is switched off and on. */
  DISABLE_AND_ENABLE {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      if (scene.agent().isPresent()) {
        for (int i = 0; i < 5; i++) {
          scene.agent().get().setEnabled(false);
          pause(random, 300);
          scene.agent().get().setEnabled(true);
          pause(random, 300);
        }
      }
    }
  },
  RESTART_SIDECAR {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      scene.restartSidecar();
    }
  },
  /** Some don't read what everybody goes on sending. */
  STALL_READERS {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      scene.stall(0.05 + random.nextDouble() / 5, Duration.ofMillis(random.nextLong(500, 3000)));
    }
  },
  SQUEEZE_MEMORY {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      if (scene.memory().isPresent()) {
        scene.memory().get().squeeze();
        scene.stall(0.2, Duration.ofMillis(random.nextLong(500, 1500)));
        pause(random, 2000);
        scene.memory().get().release();
      }
    }
  };

  abstract void perform(Scene scene, RandomGenerator random) throws InterruptedException;

  /** Up to that many milliseconds. */
  static void pause(RandomGenerator random, int most) throws InterruptedException {
    Thread.sleep(random.nextInt(most));
  }
}
