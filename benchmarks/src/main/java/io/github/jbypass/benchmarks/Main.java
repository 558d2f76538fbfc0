// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks;

import io.github.jbypass.benchmarks.datapath.DataPathCommand;
import io.github.jbypass.benchmarks.maps.MapsCommand;
import io.github.jbypass.examples.Termination;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** {@code ./bypass bench}: runs benchmarks by their word. */
@Command(
    name = "bypass bench",
    description = "Measures jbypass beside its baselines, in the same run.",
    synopsisSubcommandLabel = "WORD",
    subcommands = {MapsCommand.class, DataPathCommand.class})
public final class Main {
  private static final int INTERRUPTED = 130;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  private boolean help;

  private Main() {}

  /** The word, then its arguments; exits with 0 if all could be measured. */
  public static void main(String[] args) throws InterruptedException {
    var commandLine =
        new CommandLine(new Main())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(Main::failure);
    Termination.runAndExit(() -> commandLine.execute(args));
  }

  private static int failure(Exception failure, CommandLine command, ParseResult arguments)
      throws Exception {
    if (!Termination.isRequested()) {
      throw failure;
    }
    // An interrupted thread fails wherever it stands; only what could not be undone matters.
    for (var leftover : failure.getSuppressed()) {
      System.err.println(command.getCommandSpec().qualifiedName() + ": " + leftover.getMessage());
    }
    return INTERRUPTED;
  }
}
