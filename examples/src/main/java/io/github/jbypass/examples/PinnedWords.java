// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.DrainReport;
import io.github.jbypass.programs.PinnedBypass;
import io.github.jbypass.programs.UninstallReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Words on a data path that an agent has pinned, whether it still runs or not. */
abstract class PinnedWords implements Callable<Integer> {
  private static final int LEFT = 1;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  private boolean help;

  @Parameters(paramLabel = "DIR", description = "What the agent was given with --pin.")
  Path directory = Path.of("");

  /** Switches redirecting off. */
  @Command(
      name = "disable",
      description = "Has a pinned data path send everything over TCP, at once and without loss.")
  static final class Disable extends PinnedWords {
    @Override
    public Integer call() {
      try (PinnedBypass pinned = PinnedBypass.at(directory)) {
        pinned.disable();
      }
      return 0;
    }
  }

  /** Switches redirecting on. */
  @Command(
      name = "enable",
      description = "Has a pinned data path redirect, and enrol connections, again.")
  static final class Enable extends PinnedWords {
    @Override
    public Integer call() {
      try (PinnedBypass pinned = PinnedBypass.at(directory)) {
        pinned.enable();
      }
      return 0;
    }
  }

  /** Waits until everything that was redirected is read. */
  @Command(
      name = "drain",
      description = {
        "Has a pinned data path redirect and enrol nothing more, and waits until applications have"
            + " read what was redirected.",
        "Lists sockets with bytes that are not read in time; then the exit status is 1.",
        "'bypass enable' resumes."
      })
  static final class Drain extends PinnedWords {
    @Option(
        names = "--timeout",
        paramLabel = "SECONDS",
        defaultValue = "30",
        description = "How long to wait (${DEFAULT-VALUE}).")
    private int timeout;

    @Override
    public Integer call() {
      Termination.interruptsThisThread();
      try (PinnedBypass pinned = PinnedBypass.at(directory)) {
        DrainReport report = pinned.drain(Duration.ofSeconds(timeout));
        System.out.println(report);
        return report.isDrained() ? 0 : LEFT;
      }
    }
  }

  /** Removes all pins. */
  @Command(
      name = "uninstall",
      description = {
        "Removes a pinned data path, and nothing else; established connections lose nothing.",
        "Files in DIR that are not ours stay and are listed, and so do filters on pods' interfaces"
            + " that connections from outside still need."
      })
  static final class Uninstall extends PinnedWords {
    @Override
    public Integer call() {
      UninstallReport report = Bypass.uninstall(directory);
      report.removed().forEach(path -> System.out.println("removed " + path));
      report.left().forEach(path -> System.out.println("left " + path));
      report
          .filters()
          .forEach(filter -> System.out.println("left until its connections end: " + filter));
      if (report.hasUnreachedFilters()) {
        System.out.println("left filters in a network namespace that can't be found");
      }
      return 0;
    }
  }
}
