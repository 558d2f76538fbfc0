// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.CheckFailedException;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.programs.Bypass;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another JVM that loads programs made from altered sources, and tells how that went. */
public final class Loading {
  private static final Path SOURCES = Path.of("../bpf-src");
  private static final long PATIENCE_SECONDS = 60;

  private Loading() {}

  /**
   * Compiles the sources with one text in place of another, and loads the result.
   *
   * @param directory empty, for the sources and the object
   * @return what was printed, warnings included
   */
  public static String ofSources(
      Path directory, String file, String text, String replacement, Path cgroup, String... options)
      throws IOException, InterruptedException {
    Path sources = Files.createDirectory(directory.resolve("bpf-src"));
    try (var files = Files.list(SOURCES)) {
      for (Path source : files.filter(Files::isRegularFile).toList()) {
        Files.copy(source, sources.resolve(source.getFileName()));
      }
    }
    String content = Files.readString(sources.resolve(file));
    if (!content.contains(text)) {
      throw new AssertionError(file + " does not contain: " + text);
    }
    Files.writeString(sources.resolve(file), content.replace(text, replacement));
    Path object = directory.resolve("io/github/jbypass/programs/bypass.bpf.o");
    Command.run(
        "sh", sources.resolve("build.sh").toString(), sources.toString(), object.toString());
    return load(directory, cgroup, options);
  }

  private static String load(Path directory, Path cgroup, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", directory + ":" + System.getProperty("java.class.path")));
    command.addAll(List.of(Loading.class.getName(), cgroup.toString()));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var output = process.inputReader(StandardCharsets.UTF_8)) {
      return output.readAllAsString();
    } finally {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  /** The other JVM: takes a control group, and perhaps "force". */
  public static void main(String[] arguments) {
    var builder = Bypass.builder().cgroup(Cgroup.at(Path.of(arguments[0])));
    if (arguments.length > 1) {
      builder.force();
    }
    try (var bypass = builder.load()) {
      System.out.println("LOADED, " + bypass.counters().get(Counter.REDIRECTED) + " redirected");
    } catch (CheckFailedException e) {
      System.out.println("REFUSED " + e.check() + ": " + e.getMessage());
    }
  }
}
