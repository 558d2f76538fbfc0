// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.StringJoiner;

/** The class path of this JVM where other users may read it, who may not look where it lies. */
final class ReadableClasses {
  private ReadableClasses() {}

  /** Copies it into a directory and returns the class path of the copies. */
  static String copy(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    var classPath = new StringJoiner(File.pathSeparator);
    int number = 0;
    for (var entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      var source = Path.of(entry);
      if (Files.exists(source)) {
        var target = directory.resolve(number++ + "-" + source.getFileName());
        copyAll(source, target);
        classPath.add(target.toString());
      }
    }
    return classPath.toString();
  }

  private static void copyAll(Path source, Path target) throws IOException {
    try (var files = Files.walk(source)) {
      for (var file : files.toList()) {
        Files.copy(file, target.resolve(source.relativize(file).toString()));
      }
    }
  }
}
