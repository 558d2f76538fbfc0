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
  /** The agent ends, and another one takes over what it has pinned. */
  ADOPT {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      endAgent(scene, random);
      scene.startAgent(AgentOptions.usual());
    }
  },
  /** One with another policy takes over: it puts its own programs in place of the old ones. */
  UPGRADE {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      endAgent(scene, random);
      scene.startAgent(AgentOptions.any(random));
    }
  },
  /** One with maps of another size comes up beside the old; they don't hold all connections. */
  FILL_MAPS {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      endAgent(scene, random);
      scene.startAgent(AgentOptions.withFewConnections());
    }
  },
  /** One whose data path is to end with it. */
  RESTART_WITHOUT_PINS {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      endAgent(scene, random);
      scene.startAgent(AgentOptions.withoutPins());
    }
  },
  /** Everything is removed. */
  UNINSTALL {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      scene.uninstall();
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
  /** Redirecting is switched off and on. */
  DISABLE_AND_ENABLE {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      try (var pinned = scene.pinned()) {
        for (int i = 0; i < 5; i++) {
          pinned.disable();
          pause(random, 300);
          pinned.enable();
          pause(random, 300);
        }
      }
    }
  },
  /** Nothing more is enrolled or redirected, until all that was is read; then again. */
  DRAIN {
    @Override
    void perform(Scene scene, RandomGenerator random) throws InterruptedException {
      try (var pinned = scene.pinned()) {
        pinned.drain(Duration.ofMillis(random.nextInt(3000)));
        pause(random, 500);
        pinned.enable();
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

  /** In good order or by SIGKILL. */
  private static void endAgent(Scene scene, RandomGenerator random) throws InterruptedException {
    if (random.nextBoolean()) {
      scene.stopAgent();
    } else {
      scene.killAgent();
    }
    pause(random, 500);
  }

  /** Up to that many milliseconds. */
  static void pause(RandomGenerator random, int most) throws InterruptedException {
    Thread.sleep(random.nextInt(most));
  }
}
