// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;

/** The directory of a rig: configurations, output of its processes, files that nginx serves. */
public final class RigFiles implements AutoCloseable {
  private final Path directory;
  private final Path served;

  public RigFiles(String name) {
    try {
      directory = Files.createTempDirectory(RigName.of(name) + "-");
      served = Files.createDirectory(directory.resolve("www"));
      // nginx reads as www-data, whatever our umask.
      permit(directory, "rwxr-xr-x");
      permit(served, "rwxr-xr-x");
    } catch (IOException e) {
      throw new RigException("the rig's directory could not be made", e);
    }
  }

  public Path directory() {
    return directory;
  }

  public Path write(String name, String content) {
    try {
      return Files.writeString(directory.resolve(name), content);
    } catch (IOException e) {
      throw new RigException(e.toString(), e);
    }
  }

  /** The command of a HAProxy with this configuration. */
  String[] haProxy(String name, String config) {
    return new String[] {"haproxy", "-db", "-f", write(name + ".cfg", config).toString()};
  }

  /** The command of the server with this configuration. */
  String[] nginx(String config) {
    return nginx(directory, write("nginx.conf", config));
  }

  /** The same for a sidecar: by its own means, nginx can change to users that have a name only. */
  String[] nginxSidecar(String name, Path directory, String config) {
    var user =
        "setpriv --reuid %1$d --regid %1$d --clear-groups".formatted(HaProxyConfig.UID).split(" ");
    return Stream.of(user, nginx(directory, write(name + ".conf", config)))
        .flatMap(Stream::of)
        .toArray(String[]::new);
  }

  private static String[] nginx(Path directory, Path config) {
    return new String[] {
      "nginx", "-e", "stderr", "-p", directory.toString(), "-c", config.toString()
    };
  }

  /** A directory in which every user can write. */
  Path shared(String name) {
    try {
      Path shared = Files.createDirectory(directory.resolve(name));
      permit(shared, "rwxrwxrwx");
      return shared;
    } catch (IOException e) {
      throw new RigException(e.toString(), e);
    }
  }

  /** The path, as in a URL, of a served file with that many bytes. */
  String serve(int bytes) {
    Path file = served.resolve(Integer.toString(bytes));
    if (!Files.exists(file)) {
      byte[] content = new byte[bytes];
      Arrays.fill(content, (byte) 'x');
      try {
        Files.write(file, content);
        permit(file, "rw-r--r--");
      } catch (IOException e) {
        throw new RigException(e.toString(), e);
      }
    }
    return "/" + file.getFileName();
  }

  private static void permit(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  @Override
  public void close() {
    delete(directory);
  }

  static void delete(Path directory) {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new RigException(e.toString(), e);
    }
  }
}
