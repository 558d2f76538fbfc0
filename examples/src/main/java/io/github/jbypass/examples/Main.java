// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.examples.pods.PodFileException;
import io.github.jbypass.examples.pods.PortRange;
import io.github.jbypass.examples.rig.RigException;
import io.github.jbypass.examples.telling.ListenException;
import io.github.jbypass.examples.telling.LoopbackAddress;
import io.github.jbypass.maps.Cidr;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.programs.ByteSize;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** Runs one of the examples by its word. What goes wrong is told in one line. */
@Command(
    name = "bypass",
    synopsisSubcommandLabel = "WORD",
    subcommands = {
      MeshDemo.class,
      SidecarAgent.class,
      LiveFlows.class,
      DoctorCommand.class,
      PinnedWords.Disable.class,
      PinnedWords.Enable.class,
      PinnedWords.Drain.class,
      PinnedWords.Uninstall.class
    })
public final class Main {
  private static final int FAILED = 1;
  private static final int BAD_ARGUMENTS = 2;
  private static final int INTERRUPTED = 130;

  private Main() {}

  /** The word, then its arguments. */
  public static void main(String[] args) throws InterruptedException {
    CommandLine commandLine =
        new CommandLine(new Main())
            .registerConverter(PortRange.class, converter(PortRange::parse))
            .registerConverter(ByteSize.class, converter(Sizes::parse))
            .registerConverter(Cidr.class, converter(Cidr::parse))
            .registerConverter(Mesh.class, converter(Mesh::named))
            .registerConverter(LoopbackAddress.class, converter(LoopbackAddress::parse))
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setParameterExceptionHandler(Main::badArguments)
            .setExecutionExceptionHandler(Main::failure);
    Termination.runAndExit(() -> commandLine.execute(args));
  }

  @Command(name = "echo", description = "Round trips over loopback, plain and accelerated.")
  void echo(
      @Option(
              names = {"-h", "--help"},
              usageHelp = true,
              description = "Shows this.")
          boolean help)
      throws Exception {
    LoopbackEcho.main(new String[0]);
  }

  /** Without this, picocli would hide the parser's explanation behind a stack of its own words. */
  private static <T> ITypeConverter<T> converter(Function<String, T> parser) {
    return text -> {
      try {
        return parser.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }

  private static int badArguments(ParameterException mistake, String[] args) {
    say(mistake.getCommandLine(), mistake);
    return BAD_ARGUMENTS;
  }

  private static int failure(Exception failure, CommandLine command, ParseResult arguments)
      throws Exception {
    if (Termination.isRequested()) {
      // An interrupted thread fails wherever it stands; only what could not be undone matters.
      Stream.of(failure.getSuppressed()).forEach(leftover -> say(command, leftover));
      return INTERRUPTED;
    }
    if (failure instanceof PodFileException) {
      say(command, failure);
      return BAD_ARGUMENTS;
    }
    switch (failure) {
      case BpfException e -> say(command, e);
      case RigException e -> say(command, e);
      case ListenException e -> say(command, e);
      default -> throw failure; // a mistake of ours: its stack trace is wanted
    }
    return FAILED;
  }

  private static void say(CommandLine command, Throwable failure) {
    complain(command.getCommandSpec().qualifiedName(), String.valueOf(failure.getMessage()));
  }

  /** Says what is wrong, in one line. */
  static void complain(String program, String message) {
    String line = message.lines().map(String::strip).collect(Collectors.joining(" "));
    System.err.println(program + ": " + line);
  }
}
