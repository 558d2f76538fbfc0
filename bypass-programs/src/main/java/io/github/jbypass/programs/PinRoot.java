// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.PinDirectory;
import io.github.jbypass.core.PinException;
import io.github.jbypass.core.PinLock;
import io.github.jbypass.core.PrivilegeException;
import io.github.jbypass.core.TcFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The directory that a user gave for pins, while it is locked: a {@link PinnedLayout} for each
 * layout. Closing it unlocks it, and removes it if it was made for nothing.
 */
final class PinRoot implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(Bypass.class.getName());
  private static final int ENOENT = 2;

  private final PinDirectory directory;
  private final PinLock lock;
  private boolean isNew;

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

  /** What is pinned in an existing directory, for one who only looks or steers. */
  static List<PinnedLayout> layouts(Path path) {
    var layouts = Files.exists(path) ? finished(PinDirectory.at(path)) : List.<PinnedLayout>of();
    if (layouts.isEmpty()) {
      throw nothing(path);
    }
    return layouts;
  }

  private static PinException nothing(Path path) {
    return new PinException(
        "open", "data path at " + path, ENOENT, "nothing is pinned there: load, and pin it there");
  }

  /** A directory that is made if it does not exist yet. */
  static PinRoot create(Path path) {
    boolean isNew = Files.notExists(path, LinkOption.NOFOLLOW_LINKS);
    var root = lock(PinDirectory.create(path));
    root.isNew = isNew;
    return root;
  }

  /** What a process has left that was killed while it pinned is of no use to anybody. */
  private static PinRoot lock(PinDirectory directory) {
    var root = new PinRoot(directory, directory.lock());
    try {
      all(directory).stream().filter(PinnedLayout::isUnfinished).forEach(PinnedLayout::remove);
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
    return finished(directory);
  }

  private static List<PinnedLayout> finished(PinDirectory directory) {
    return all(directory).stream().filter(layout -> !layout.isUnfinished()).toList();
  }

  private static List<PinnedLayout> all(PinDirectory directory) {
    return files(directory).stream().filter(PinnedLayout::isOne).map(PinnedLayout::at).toList();
  }

  /** Whatever is there. */
  private static List<Path> files(PinDirectory directory) {
    try (var files = Files.list(directory.path())) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("can't list " + directory.path(), e);
    }
  }

  /** See {@link Bypass#uninstall}. */
  static UninstallReport uninstall(Path path) {
    if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
      return UninstallReport.NOTHING;
    }
    var removed = new ArrayList<Path>();
    var left = new ArrayList<Path>();
    var filters = new ArrayList<TcFilter>();
    int connections = 0;
    boolean isElsewhere = false;
    var directory = PinDirectory.at(path);
    try (var root = new PinRoot(directory, directory.lock())) {
      for (var file : files(root.directory)) {
        var remains = ours(file).map(PinnedLayout::remove);
        (Files.notExists(file, LinkOption.NOFOLLOW_LINKS) ? removed : left).add(file);
        if (remains.isPresent()) {
          left.addAll(remains.get().foreign());
          connections += remains.get().outside().connections();
          filters.addAll(remains.get().outside().filters());
          isElsewhere |= remains.get().outside().isElsewhere();
        }
      }
      root.deleteIfEmpty();
    }
    return new UninstallReport(removed, left, connections, filters, isElsewhere);
  }

  private static Optional<PinnedLayout> ours(Path file) {
    try {
      return PinnedLayout.isOne(file) ? Optional.of(PinnedLayout.at(file)) : Optional.empty();
    } catch (PinException e) { // it is another user's, or others may write it
      return Optional.empty();
    }
  }

  /** Removes the directory if it is empty, unless only another user could do that. */
  void deleteIfEmpty() {
    if (Files.exists(path()) && files(directory).isEmpty()) {
      try {
        directory.delete();
      } catch (PrivilegeException e) { // it was made for this user, who may use it again
        LOGGER.log(Level.DEBUG, "{0} stays: {1}", directory, e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    try {
      if (isNew) {
        deleteIfEmpty();
      }
    } finally {
      lock.close();
    }
  }
}
