// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.VerifierException;
import io.github.jbypass.testing.KernelTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/verifier.md: the messages that it shows are those of the programs in faults.bpf.c. */
@KernelTest
class VerifierGuideTest {
  private static final Path PAGE = Path.of("../docs/verifier.md");
  private static final Pattern MESSAGE =
      Pattern.compile("```text\n(load program (\\w+): .*?)```", Pattern.DOTALL);

  @TempDir private Path directory;

  record Message(String program, String text) {
    /** The reason and the source line, without what differs between compilers and kernels. */
    List<String> essence() {
      return essence(text);
    }

    static List<String> essence(String message) {
      return message
          .lines()
          .limit(2)
          .map(line -> line.replaceFirst("^  at (\\S+\\.c:\\d+: )?", ""))
          .map(line -> line.split(";", 2)[0]) // newer kernels say more
          .map(line -> line.replaceAll("\\d+", "N"))
          .toList();
    }

    @Override
    public String toString() {
      return program;
    }
  }

  static Stream<Message> messages() throws IOException {
    return MESSAGE
        .matcher(Files.readString(PAGE))
        .results()
        .map(found -> new Message(found.group(2), found.group(1)));
  }

  private static BpfObjectSpec open() throws IOException {
    try (var elf = VerifierGuideTest.class.getResourceAsStream("/bpf/faults.bpf.o")) {
      return BpfObjectSpec.open("faults", elf.readAllBytes());
    }
  }

  private static void load(String program) throws IOException {
    try (var spec = open()) {
      spec.autoload(program, true);
      spec.load().close();
    }
  }

  @ParameterizedTest
  @MethodSource("messages")
  void aFaultIsReportedAsShown(Message shown) {
    var rejection = catchThrowableOfType(VerifierException.class, () -> load(shown.program()));

    assertThat(Message.essence(rejection.getMessage())).isEqualTo(shown.essence());
  }

  @ParameterizedTest
  @MethodSource("messages")
  void theRemedyHelps(Message shown) throws IOException {
    var fixed = shown.program() + "_fixed";
    try (var spec = open()) {
      if (spec.programNames().contains(fixed)) {
        load(fixed);
      } else {
        assertThat(shown.program()).isEqualTo("foreign_helper"); // there is none
      }
    }
  }

  @Test
  void everyFaultIsShown() throws IOException {
    try (var spec = open()) {
      var faults = new ArrayList<>(spec.programNames());
      faults.removeIf(name -> name.endsWith("_fixed"));
      assertThat(messages().map(Message::program)).containsExactlyInAnyOrderElementsOf(faults);
    }
  }

  @Test
  void theWholeLogIsKept() throws IOException {
    try (var spec = open()) {
      spec.autoload("null_pointer", true);
      spec.load().close();
    } catch (VerifierException e) {
      System.err.println(e.reason());
      e.source().ifPresent(line -> System.err.println("in " + line));
      e.instructions().forEach(System.err::println);
      Files.writeString(directory.resolve("verifier.log"), e.log());
      assertThat(e.log().lines().count()).isGreaterThan(e.instructions().size());
    }
  }
}
