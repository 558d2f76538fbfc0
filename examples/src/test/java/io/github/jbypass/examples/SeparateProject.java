// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.core.BpfObject;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * Builds a Maven project that depends on core as it is in the reactor. Core is put into a local
 * repository of its own; everything else is taken from the user's, or downloaded.
 */
final class SeparateProject {
  private static final String VERSION = System.getProperty("jbypass.version");
  private static final Path ROOT = Path.of("..");

  private final Path directory;
  private final Path repository;

  /** Works in an empty directory. */
  SeparateProject(Path directory) {
    this.directory = directory;
    this.repository = directory.resolve("repository");
  }

  /** Copies a project, packages it, and returns its target directory. */
  Path build(Path sources) throws IOException, InterruptedException {
    putCoreIntoRepository();
    var project = directory.resolve("project");
    copy(sources, project);
    var process =
        new ProcessBuilder(
                System.getProperty("maven.home") + "/bin/mvn",
                "--batch-mode",
                "--quiet",
                "--global-settings",
                settings().toString(),
                "-Dmaven.repo.local=" + repository,
                "package")
            .directory(project.toFile())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    process.environment().put("JAVA_HOME", System.getProperty("java.home"));
    var maven = process.start();
    try (var output = maven.inputReader()) {
      var said = output.readAllAsString();
      assertThat(maven.waitFor()).as(said).isZero();
    } finally {
      maven.destroy();
    }
    return project.resolve("target");
  }

  private void putCoreIntoRepository() throws IOException {
    put(ROOT.resolve("pom.xml"), "jbypass", "pom");
    put(ROOT.resolve("bypass-core/pom.xml"), "bypass-core", "pom");
    put(coreJar(), "bypass-core", "jar");
  }

  private void put(Path file, String artifact, String extension) throws IOException {
    var place =
        repository
            .resolve("io/github/jbypass")
            .resolve(artifact)
            .resolve(VERSION)
            .resolve("%s-%s.%s".formatted(artifact, VERSION, extension));
    Files.createDirectories(place.getParent());
    Files.copy(file, place, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The jar that the tests use, or one of the classes if Maven has not got to packaging. */
  private Path coreJar() throws IOException {
    var classes = location(BpfObject.class);
    if (!Files.isDirectory(classes)) {
      return classes;
    }
    var jar = directory.resolve("bypass-core.jar");
    int status =
        ToolProvider.findFirst("jar")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                List.of("--create", "--file", jar.toString(), "-C", classes.toString(), ".")
                    .toArray(String[]::new));
    assertThat(status).isZero();
    return jar;
  }

  private static Path location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** Has Maven look into the user's local repository first, as if it were a remote one. */
  private Path settings() throws IOException {
    var settings = directory.resolve("settings.xml");
    var cache =
        """
        <id>cache</id>
        <url>%s</url>
        <releases><checksumPolicy>ignore</checksumPolicy></releases>
        <snapshots><enabled>false</enabled></snapshots>
        """
            .formatted(Path.of(System.getProperty("maven.repo.local")).toUri());
    return Files.writeString(
        settings,
        """
        <settings>
          <profiles>
            <profile>
              <id>cache</id>
              <repositories><repository>%1$s</repository></repositories>
              <pluginRepositories><pluginRepository>%1$s</pluginRepository></pluginRepositories>
            </profile>
          </profiles>
          <activeProfiles><activeProfile>cache</activeProfile></activeProfiles>
        </settings>
        """
            .formatted(cache));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (var file : files.filter(f -> !f.startsWith(from.resolve("target"))).toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }
}
