// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.FileCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A directory in a bpf file system for the pins of one application. Only its owner may write it, so
 * nobody else can put something in the place of a pin. Holds nothing open. Thread-safe.
 *
 * {@snippet :
 * spec.pinPath("connects_by_port", directory.file("ports")); // pins it, or takes what is there
 * }
 *
 * <p>Names of pins and directories can't contain dots.
 */
public final class PinDirectory {
  private static final int WRITABLE_BY_OTHERS = 022;

  private final Path path;

  private PinDirectory(Path path) {
    this.path = path;
  }

  /**
   * {@return an existing directory}
   *
   * @param path the directory
   * @throws PinException if it is not there, not in a bpf file system, not this user's, or if
   *     others may write it
   */
  public static PinDirectory at(Path path) {
    var directory = path.toAbsolutePath().normalize();
    check("use", directory);
    return new PinDirectory(directory);
  }

  /**
   * {@return a directory that is made, readable for its owner only, if it does not exist yet}
   *
   * @param path the directory; the one that holds it must exist
   * @throws PinException if it can't be made or used; see {@link #at}
   * @throws PrivilegeException if this user may not write to the one that holds it
   */
  public static PinDirectory create(Path path) {
    var directory = path.toAbsolutePath().normalize();
    Pins.requireBpfFileSystem("create", describe(directory), directory);
    if (String.valueOf(directory.getFileName()).contains(".")) {
      throw new PinException("create", describe(directory), 0, "its name can't contain dots");
    }
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    try {
      Files.createDirectory(directory, mode);
    } catch (FileAlreadyExistsException e) {
      return at(directory);
    } catch (IOException e) {
      throw failure("create", directory, e);
    }
    return at(directory);
  }

  /** {@return the directory} */
  public Path path() {
    return path;
  }

  /**
   * {@return the file of a pin in this directory}
   *
   * @param name a single path element without dots
   */
  public Path file(String name) {
    if (name.isBlank() || name.contains("/") || name.contains(".")) {
      throw new IllegalArgumentException("not a name for a pin: '" + name + "'");
    }
    return path.resolve(name);
  }

  /**
   * Opens a pinned map, provided that it is what the caller expects.
   *
   * @param name the pin's name
   * @param wanted what the map has to be like; its name does not matter
   * @return the map, the caller's to close
   * @throws IncompatibleMapException if it differs, with every difference
   * @throws PinException if there is no such pin, or it is not a map or not this user's
   */
  public BpfMap openMap(String name, BpfMapSpec wanted) {
    check("use", path);
    var map = BpfMap.openPin(file(name));
    try {
      var differences = wanted.differences(map.info());
      if (!differences.isEmpty()) {
        throw new IncompatibleMapException("open", "map pinned at " + file(name), differences);
      }
      return map;
    } catch (Throwable t) {
      map.close();
      throw t;
    }
  }

  /**
   * Opens a pinned program, provided that it is the one that the caller expects.
   *
   * @param name the pin's name
   * @param wanted a program with the same type, name and instructions, for instance one that was
   *     just loaded; {@link ProgramInfo#tag} tells whether instructions are the same
   * @return the program, the caller's to close
   * @throws IncompatibleProgramException if it differs, with every difference
   * @throws PinException if there is no such pin, or it is not a program or not this user's
   */
  public BpfProgram openProgram(String name, ProgramInfo wanted) {
    check("use", path);
    var program = BpfProgram.openPin(file(name));
    try {
      var differences = wanted.differences(program.info());
      if (!differences.isEmpty()) {
        throw new IncompatibleProgramException(
            "open", "program pinned at " + file(name), differences);
      }
      return program;
    } catch (Throwable t) {
      program.close();
      throw t;
    }
  }

  /**
   * Opens a pinned link. Its {@link BpfLink#info} tells what is attached to what.
   *
   * @param name the pin's name
   * @return the link, the caller's to close
   * @throws PinException if there is no such pin, or it is not a link or not this user's
   */
  public BpfLink openLink(String name) {
    check("use", path);
    return BpfLink.adopt(file(name));
  }

  /**
   * Looks at a pin.
   *
   * @param name the pin's name
   * @return what it holds; empty if there is none
   * @throws PinException if it is no pin, or another user's
   */
  public Optional<Pin> inspect(String name) {
    check("use", path);
    var file = file(name);
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? Pins.inspect(file) : Optional.empty();
  }

  /**
   * Walks over the pins in this directory and those below, in no particular order. Pins that vanish
   * meanwhile are passed over.
   *
   * @return a stream that has to be closed
   * @throws PinException as the stream is consumed, at a pin of another user
   */
  public Stream<Pin> walk() {
    check("walk", path);
    try {
      return Files.walk(path)
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .flatMap(file -> Pins.inspect(file).stream());
    } catch (IOException | UncheckedIOException e) {
      throw failure("walk", path, e);
    }
  }

  /**
   * Removes a pin. What it kept alive ends, unless something else keeps it.
   *
   * @param name the pin's name
   * @throws PinException if there is no such pin, or it is not this user's
   */
  public void unpin(String name) {
    check("use", path);
    Pins.remove(file(name));
  }

  /**
   * Has no other process, and nobody else in this one, lock the directory until the lock is closed,
   * at the latest with this process, however it ends. Only who asks for the lock is kept out.
   *
   * @return the lock, to be closed
   * @throws DirectoryInUseException if it is locked
   */
  public PinLock lock() {
    check("lock", path);
    return PinLock.take(path, toString());
  }

  /**
   * Gives the directory another name, in one step.
   *
   * @param target where it is to be, in the same file system; must not exist, or be empty
   * @return the directory there
   * @throws PinException if it can't be moved
   */
  public PinDirectory moveTo(Path target) {
    check("move", path);
    try {
      Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failure("move", path, e);
    }
    return at(target);
  }

  /**
   * Removes the directory.
   *
   * @throws PinException if there is still something in it
   */
  public void delete() {
    check("delete", path);
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw failure("delete", path, e);
    }
  }

  @Override
  public String toString() {
    return describe(path);
  }

  private static void check(String operation, Path directory) {
    var description = describe(directory);
    Pins.requireBpfFileSystem(operation, description, directory);
    try {
      var attributes =
          Files.readAttributes(directory, "unix:uid,mode,isDirectory", LinkOption.NOFOLLOW_LINKS);
      if (!(boolean) attributes.get("isDirectory")) {
        throw new PinException(operation, description, Errno.ENOTDIR, "not a directory");
      }
      int owner = (int) attributes.get("uid");
      int own = FileCalls.effectiveUser();
      if (owner != own) {
        throw new PinException(
            operation,
            description,
            0,
            "it belongs to uid %d, this process is uid %d: only its owner can use it, run this as that user"
                .formatted(owner, own));
      }
      int mode = (int) attributes.get("mode") & 07777;
      if ((mode & WRITABLE_BY_OTHERS) != 0) {
        throw new PinException(
            operation,
            description,
            0,
            "others may write it (mode %o): chmod 700 it, after a look at what is in it"
                .formatted(mode));
      }
    } catch (IOException e) {
      throw failure(operation, directory, e);
    }
  }

  private static String describe(Path directory) {
    return "pin directory " + directory;
  }

  private static BpfException failure(String operation, Path directory, Exception e) {
    var description = describe(directory);
    var cause = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : e;
    var failure =
        switch (cause) {
          case NoSuchFileException _ ->
              new PinException(operation, description, Errno.ENOENT, "there is no such directory");
          case DirectoryNotEmptyException _ ->
              new PinException(operation, description, Errno.ENOTEMPTY, "there are pins in it");
          case AccessDeniedException _ ->
              new PrivilegeException(
                  operation, description, Errno.EACCES, "this user may not read or write there");
          default ->
              new PinException(operation, description, 0, String.valueOf(cause.getMessage()));
        };
    failure.initCause(cause);
    return failure;
  }
}
