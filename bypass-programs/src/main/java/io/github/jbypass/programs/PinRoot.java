// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.PinDirectory;
import io.github.jbypass.core.PinException;
import io.github.jbypass.core.PinLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The directory that a user gave for pins, while it is locked: a {@link PinnedLayout} for each
 * layout. Closing it unlocks it, and removes it if it is empty.
 */
final class PinRoot implements AutoCloseable {
  private static final int ENOENT = 2;

  private final PinDirectory directory;
  private final PinLock lock;

  private PinRoot(PinDirectory directory, PinLock lock) {
    this.directory = directory;
    this.lock = lock;
  }

  /** An existing directory in which something is pinned. */
  static PinRoot open(Path path) {
    if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
      throw nothing(path);
    }
    var root = lock(PinDirectory.at(path));
    if (root.layouts().isEmpty()) {
      root.close();
      throw nothing(path);
    }
    return root;
  }

  private static PinException nothing(Path path) {
    return new PinException(
        "adopt", "data path at " + path, ENOENT, "nothing is pinned there: load, and pin it there");
  }

  /** A directory that is made if it does not exist yet. */
  static PinRoot create(Path path) {
    return lock(PinDirectory.create(path));
  }

  /** What a process has left that was killed while it pinned is of no use to anybody. */
  private static PinRoot lock(PinDirectory directory) {
    var root = new PinRoot(directory, directory.lock());
    try {
      root.all().stream().filter(PinnedLayout::isUnfinished).forEach(PinnedLayout::remove);
      return root;
    } catch (RuntimeException e) {
      root.close();
      throw e;
    }
  }

  Path path() {
    return directory.path();
  }

  Optional<PinnedLayout> find(String fingerprint) {
    return layouts().stream().filter(it -> it.fingerprint().equals(fingerprint)).findAny();
  }

  PinnedLayout begin(String fingerprint) {
    return PinnedLayout.begin(directory, fingerprint);
  }

  /** All data paths that are pinned there. */
  List<PinnedLayout> layouts() {
    return all().stream().filter(layout -> !layout.isUnfinished()).toList();
  }

  private List<PinnedLayout> all() {
    return files().stream().filter(PinnedLayout::isOne).map(PinnedLayout::at).toList();
  }

  /** Whatever is there. */
  List<Path> files() {
    try (var files = Files.list(directory.path())) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("can't list " + directory.path(), e);
    }
  }

  /** See {@link Bypass#uninstall}. */
  static UninstallReport uninstall(Path path) {
    if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
      return new UninstallReport(List.of(), List.of());
    }
    var removed = new ArrayList<Path>();
    var left = new ArrayList<Path>();
    var directory = PinDirectory.at(path);
    try (var root = new PinRoot(directory, directory.lock())) {
      for (var file : root.files()) {
        if (PinnedLayout.isOne(file)) {
          var foreign = PinnedLayout.at(file).remove();
          (foreign.isEmpty() ? removed : left).add(file);
          left.addAll(foreign);
        } else {
          left.add(file);
        }
      }
    }
    return new UninstallReport(removed, left);
  }

  @Override
  public void close() {
    try {
      if (files().isEmpty()) {
        directory.delete();
      }
    } finally {
      lock.close();
    }
  }
}
