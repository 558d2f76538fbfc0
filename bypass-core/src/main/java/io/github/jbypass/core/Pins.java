// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.FileCalls;
import io.github.jbypass.core.internal.LibC;
import io.github.jbypass.core.internal.LinkCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Files in a bpf file system, which keep maps, programs and links alive. */
final class Pins {
  private static final int INFO_SIZE = 16;
  private static final int INFO_ID = 4;
  private static final long BPF_FS_MAGIC = 0xcafe4a11L;

  private Pins() {}

  /** What a pin can hold. */
  enum Kind {
    MAP,
    PROGRAM,
    LINK;

    /** What /proc/self/fd shows for a descriptor: "anon_inode:bpf-map" and the like. */
    static Kind of(int fd) throws IOException {
      var shown = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
      return shown.contains("map") ? MAP : shown.contains("prog") ? PROGRAM : LINK;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Pins what a descriptor refers to. */
  static void create(int fd, Path file, String object) {
    var description = object + " at " + file;
    requireBpfFileSystem("pin", description, file);
    if (file.getFileName().toString().contains(".")) {
      throw new PinException("pin", description, 0, "names of pins can't contain dots");
    }
    int result = LinkCalls.pin(fd, file);
    if (result == -Errno.EEXIST) {
      throw new AlreadyExistsException(
          "pin", description, Errno.EEXIST, "there is a pin already, of " + ownerName(file));
    }
    if (result == -Errno.EACCES) {
      throw notAllowed("pin", description, "write to its directory");
    }
    Failure.check("pin", description, result);
  }

  /** Opens a pin that is this user's own and of the right kind. */
  static Fd open(Path file, Kind wanted) {
    var fd = open(file);
    try {
      var kind = Kind.of(fd.number());
      if (kind != wanted) {
        throw new PinException("open", "pin " + file, 0, "it holds a " + kind + ", no " + wanted);
      }
      return fd;
    } catch (IOException e) {
      fd.close();
      throw noProc("open", "pin " + file, e);
    } catch (Throwable t) {
      fd.close();
      throw t;
    }
  }

  private static Fd open(Path file) {
    var description = "pin " + file;
    requireOwn("open", file);
    int number = LinkCalls.openPin(file);
    return switch (-number) {
      case Errno.EACCES, Errno.EPERM ->
          throw notAllowed("open", description, "read and write it, or lacks CAP_BPF");
      case Errno.ENOENT -> throw missing("open", description);
      default -> new Fd(Failure.check("open", description, number), description);
    };
  }

  /** The number of a map, program or link; it stands at the same place in all their infos. */
  static int id(int fd, String object) {
    try (var arena = Arena.ofConfined()) {
      var info = arena.allocate(INFO_SIZE, Long.BYTES);
      Failure.check("inspect", object, LinkCalls.info(fd, info));
      return info.get(JAVA_INT, INFO_ID);
    }
  }

  /** What a pin holds; empty if it is gone. */
  static Optional<Pin> inspect(Path file) {
    var description = "pin " + file;
    try (var fd = open(file)) {
      return Optional.of(
          switch (Kind.of(fd.number())) {
            case MAP -> new Pin.OfMap(file, MapInspection.info(fd.number(), description));
            case PROGRAM -> new Pin.OfProgram(file, ProgramInfo.of(fd, description));
            case LINK -> new Pin.OfLink(file, LinkInfo.of(fd, description));
          });
    } catch (PinException e) {
      if (e.errno() == Errno.ENOENT) {
        return Optional.empty();
      }
      throw e;
    } catch (IOException e) {
      throw noProc("inspect", description, e);
    }
  }

  /** Removes a pin of this user's own, provided that it holds what a descriptor refers to. */
  static void remove(int fd, Path file, Kind kind, String object) {
    try (var pinned = open(file, kind)) {
      if (id(pinned.number(), object) != id(fd, object)) {
        throw new PinException(
            "unpin", object, 0, "another " + kind + " is pinned at " + file + " now");
      }
    }
    remove(file);
  }

  /** Removes a pin of this user's own. */
  static void remove(Path file) {
    requireOwn("unpin", file);
    try {
      Files.delete(file);
    } catch (NoSuchFileException e) {
      throw missing("unpin", "pin " + file);
    } catch (IOException e) {
      var failure = new PinException("unpin", "pin " + file, 0, String.valueOf(e.getMessage()));
      failure.initCause(e);
      throw failure;
    }
  }

  /** Whoever may write a pin of another user decides what this process takes for its own. */
  static void requireOwn(String operation, Path file) {
    requireBpfFileSystem(operation, "pin " + file, file);
    int owner = owner(operation, file);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) { // a link's target may be anybody's
      throw new PinException(
          operation, "pin " + file, 0, "it is a directory or a symbolic link, no pin");
    }
    int own = FileCalls.effectiveUser();
    if (owner != own) {
      throw new PinException(
          operation,
          "pin " + file,
          0,
          "it belongs to uid %d, this process is uid %d".formatted(owner, own));
    }
  }

  /** Throws unless the directory that holds a file is in a bpf file system. */
  static void requireBpfFileSystem(String operation, String object, Path file) {
    Failure.requireLibbpf(operation, object);
    var directory = directoryOf(file);
    if (!Files.isDirectory(directory)) {
      throw new PinException(operation, object, Errno.ENOENT, "there is no directory " + directory);
    }
    if (LibC.fileSystemType(directory) != BPF_FS_MAGIC) {
      throw new PinException(
          operation,
          object,
          0,
          directory
              + " is not in a bpf file system: mount -t bpf bpf /sys/fs/bpf, and choose a place"
              + " below");
    }
  }

  static int owner(String operation, Path file) {
    try {
      return (int) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      throw missing(operation, "pin " + file);
    } catch (IOException e) {
      throw notAllowed(operation, "pin " + file, "look into its directory");
    }
  }

  private static String ownerName(Path file) {
    try {
      return "uid " + Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      return "an owner that can't be told";
    }
  }

  static Path directoryOf(Path file) {
    var directory = file.toAbsolutePath().normalize().getParent();
    return directory == null ? Path.of("/") : directory;
  }

  static PinException noProc(String operation, String object, IOException cause) {
    var failure = new PinException(operation, object, 0, "/proc has to be mounted");
    failure.initCause(cause);
    return failure;
  }

  private static PinException missing(String operation, String object) {
    return new PinException(operation, object, Errno.ENOENT, "nothing is pinned there");
  }

  private static PrivilegeException notAllowed(String operation, String object, String what) {
    return new PrivilegeException(operation, object, Errno.EACCES, "this user may not " + what);
  }
}
