// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.TestBpfFileSystem;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** docs/privileges.md: its table says what each attempt takes, neither less nor more. */
@KernelTest
class PrivilegesGuideTest {
  private static final int NOBODY = 65_534;
  private static final Path PAGE = Path.of("../docs/privileges.md");
  private static final Map<Set<String>, Map<String, String>> OUTCOMES = new ConcurrentHashMap<>();

  @TempDir private static Path classes;
  private static TestCgroup group;
  private static TestBpfFileSystem files;
  private static Path pins;

  @BeforeAll
  static void prepare() throws IOException {
    copy(location(BpfObject.class));
    copy(location(Attempt.class));
    Files.setPosixFilePermissions(classes, PosixFilePermissions.fromString("rwxr-xr-x"));
    group = TestCgroup.create();
    files = new TestBpfFileSystem();
    pins = Files.createDirectory(files.file("own"));
    Files.setAttribute(pins, "unix:uid", NOBODY);
    var mount = pins.getParent();
    Files.setPosixFilePermissions(mount, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterAll
  static void remove() {
    files.close();
    group.close();
  }

  /** Where the classes lie, another user may not be allowed to look. */
  private static void copy(Path from) throws IOException {
    try (var files = Files.walk(from)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        var target = classes.resolve(from.relativize(file).toString());
        if (!target.endsWith("module-info.class")) {
          Files.createDirectories(target.getParent());
          Files.copy(file, target);
        }
      }
    }
  }

  private static Path location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatTheTableSaysIsEnough(Attempt attempt) throws IOException {
    assertThat(outcome(attempt, needs(attempt))).isEqualTo("done");
  }

  @ParameterizedTest
  @EnumSource
  void allThatTheTableSaysIsNeeded(Attempt attempt) throws IOException {
    for (var capability : needs(attempt)) {
      var others = new TreeSet<>(needs(attempt));
      others.remove(capability);
      assertThat(outcome(attempt, others)).as("without " + capability).isEqualTo("refused");
    }
  }

  /** The capabilities in the attempt's row. */
  private static Set<String> needs(Attempt attempt) throws IOException {
    var rows =
        Files.readAllLines(PAGE).stream()
            .filter(line -> line.startsWith("| " + attempt.title + " |"))
            .toList();
    assertThat(rows).as("rows of " + attempt.title).hasSize(1);
    return Stream.of(rows.getFirst().split("\\|")[2].split("[ ,]+"))
        .filter(word -> word.startsWith("CAP_"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String outcome(Attempt attempt, Set<String> capabilities) {
    return OUTCOMES
        .computeIfAbsent(new HashSet<>(capabilities), PrivilegesGuideTest::tryAll)
        .get(attempt.name());
  }

  /** In a network namespace of its own: programs are attached to its devices. */
  private static Map<String, String> tryAll(Set<String> capabilities) {
    var list =
        capabilities.stream()
            .map(name -> "+" + name.substring("CAP_".length()).toLowerCase(java.util.Locale.ROOT))
            .collect(Collectors.joining(",", "-all", ""))
            .replace("-all+", "-all,+");
    var command =
        List.of(
            "unshare",
            "--net",
            "setpriv",
            "--reuid=" + NOBODY,
            "--regid=" + NOBODY,
            "--clear-groups",
            "--bounding-set=" + list,
            "--inh-caps=" + list,
            "--ambient-caps=" + list,
            "--no-new-privs",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            classes.toString(),
            Attempt.class.getName(),
            group.path().toString(),
            pins.toString());
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (var output = process.inputReader()) {
        var said = output.readAllAsString();
        assertThat(process.waitFor()).as(said).isZero();
        return Arrays.stream(said.split("\n"))
            .map(line -> line.split(" "))
            .collect(Collectors.toMap(words -> words[0], words -> words[1]));
      } finally {
        process.destroy();
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError("can't run " + command, e);
    }
  }
}
