// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.examples.pods.PodFile;
import io.github.jbypass.examples.pods.PodFileFollower;
import io.github.jbypass.examples.telling.Log;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.BypassBuilder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the agent is told about meshes whose connections it leads to their sidecars. */
final class InterceptOptions {
  @Option(
      names = "--intercept",
      paramLabel = "istio|linkerd|kuma|osm",
      description = {
        "Also leads the connections of mesh pods to their sidecars, in place of iptables rules.",
        "What the sidecars look like: a preset, which FILE can change."
      })
  private @Nullable Mesh preset;

  @Option(
      names = "--pods",
      paramLabel = "FILE",
      description = {
        "The pods to intercept, in YAML or JSON; docs/pods.md describes it.",
        "It is followed: prints PODS and their number whenever they were put into effect."
      })
  private @Nullable Path pods;

  /**
   * Adds what is asked for.
   *
   * @throws IllegalArgumentException if one option is given without the other
   */
  void configure(BypassBuilder builder) {
    if ((preset == null) != (pods == null)) {
      throw new IllegalArgumentException(
          preset == null
              ? "--pods needs --intercept: which mesh are they of?"
              : "--intercept needs --pods: a file that lists them");
    }
    if (preset != null) {
      builder.intercept(PodFile.read(Objects.requireNonNull(pods), preset).mesh());
    }
  }

  /** Puts the pods into effect and returns who looks after changes. */
  Runnable follow(Bypass bypass) {
    if (preset == null) {
      return () -> {};
    }
    PodFileFollower follower =
        new PodFileFollower(
            Objects.requireNonNull(pods),
            preset,
            bypass.pods(),
            count -> {
              System.out.println("PODS " + count);
              Log.info("pods_applied", Map.of("pods", count));
            },
            reason ->
                Log.warning("pods_refused", Map.of("reason", reason + "; they stay as they were")));
    follower.begin();
    return follower::look;
  }
}
