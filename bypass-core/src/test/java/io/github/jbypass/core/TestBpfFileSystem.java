// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A bpf file system for one test. What is pinned in it goes with it. */
public final class TestBpfFileSystem implements AutoCloseable {
  private final Path mount;

  public TestBpfFileSystem() {
    try {
      mount = Files.createTempDirectory("jbypass-test-bpf");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    TestNamespace.run("mount", "-t", "bpf", "bpf", mount.toString());
  }

  public Path file(String name) {
    return mount.resolve(name);
  }

  @Override
  public void close() {
    TestNamespace.run("umount", mount.toString());
    try {
      Files.delete(mount);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
