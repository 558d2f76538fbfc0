// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import io.github.jbypass.examples.Termination;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bypass chaos}. */
@Command(
    name = "bypass chaos",
    description =
        "Verified traffic on hundreds of connections, straight and through a sidecar, while agents,"
            + " sidecars, policies and memory come and go. Ends with status 1 at the first byte"
            + " that is lost, overtaken or astray, or if anything is left behind.")
public final class Main implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final int INTERRUPTED = 130;
  private static final Duration LONG = Duration.ofHours(1);

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  private boolean help;

  @Option(names = "--long", description = "Goes on for an hour.")
  private boolean isLong;

  @Option(
      names = "--duration",
      paramLabel = "SECONDS",
      defaultValue = "120",
      description = "How long (${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Repeats what happens in the run that has printed it, in the same order.")
  private @Nullable Long seed;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "500",
      description = "How many at a time (${DEFAULT-VALUE}).")
  private int connections;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "ACTIONS",
      description = "Only these happen: ${COMPLETION-CANDIDATES}.")
  private List<Action> actions = List.of(Action.values());

  private Main() {}

  public static void main(String[] arguments) throws InterruptedException {
    var commandLine = new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
    Termination.runAndExit(() -> commandLine.execute(arguments));
  }

  @Override
  public Integer call() {
    Termination.interruptsThisThread();
    var chaos =
        new Chaos(
            seed != null ? seed : new Random().nextInt(1_000_000),
            connections,
            isLong ? LONG : Duration.ofSeconds(seconds),
            actions,
            System.out);
    try {
      chaos.run(Cast.real());
      return 0;
    } catch (ChaosException e) {
      System.err.println("bypass chaos: " + e.getMessage());
      return FAILED;
    } catch (InterruptedException e) {
      return INTERRUPTED;
    }
  }
}
