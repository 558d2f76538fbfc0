// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.examples.telling.LogFormat;
import io.github.jbypass.examples.telling.LoopbackAddress;
import io.github.jbypass.examples.telling.TellingServer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the agent tells what it does. */
final class TellingOptions {
  @Option(
      names = "--listen",
      paramLabel = "[ADDRESS:]PORT",
      description = {
        "Answers /metrics for Prometheus, and /healthz, on a loopback address: 9404, [::1]:9404.",
        "Prints LISTENING and the URL; port 0 takes any that is free."
      })
  private @Nullable LoopbackAddress address;

  @Option(
      names = "--log",
      paramLabel = "logfmt|json",
      defaultValue = "logfmt",
      description = "How lines of the log on standard error are written (${DEFAULT-VALUE}).")
  private LogFormat format = LogFormat.LOGFMT;

  LogFormat format() {
    return format;
  }

  Optional<TellingServer> bind() {
    return Optional.ofNullable(address).map(TellingServer::bind);
  }
}
