// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.LibC;
import io.github.jbypass.core.internal.Mounts;
import java.io.File;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A control group of the version 2 hierarchy. Holds no resources: every operation goes to the file
 * system. Thread-safe.
 */
public final class Cgroup {
  private static final long CGROUP2_SUPER_MAGIC = 0x63677270;
  private static final File OWN = new File("/proc/self/cgroup");

  private final Path path;

  private Cgroup(Path path) {
    this.path = path;
  }

  /**
   * {@return an existing control group}
   *
   * @param path its directory
   * @throws NotCgroupException if there is no such directory, or not in a cgroup v2 hierarchy
   */
  public static Cgroup at(Path path) {
    var directory = path.toAbsolutePath().normalize();
    if (!Files.exists(directory)) {
      throw notCgroup(directory, Errno.ENOENT, "there is no such directory");
    }
    if (!Files.isDirectory(directory)) {
      throw notCgroup(directory, Errno.ENOTDIR, "not a directory");
    }
    Failure.requireNativeAccess("use", "cgroup " + directory);
    if (LibC.fileSystemType(directory) != CGROUP2_SUPER_MAGIC) {
      throw notCgroup(directory, 0, "not a cgroup v2");
    }
    return new Cgroup(directory);
  }

  /**
   * {@return where the version 2 hierarchy is mounted: often /sys/fs/cgroup, or
   * /sys/fs/cgroup/unified beside version 1}
   *
   * @throws NotCgroupException if it is not mounted
   */
  public static Path mountPoint() {
    return findMountPoint()
        .orElseThrow(
            () ->
                new NotCgroupException(
                    "find the mount point of", "cgroup v2", 0, howToFind(Optional.empty())));
  }

  /**
   * {@return the group that this process is in}
   *
   * @throws NotCgroupException if it is in none, because version 2 is not mounted
   */
  public static Cgroup ofThisProcess() {
    return Mounts.lines(OWN).stream()
        .filter(line -> line.startsWith("0::/")) // version 1 has names between the colons
        .map(line -> at(mountPoint().resolve(line.substring("0::/".length()))))
        .findFirst()
        .orElseThrow(
            () ->
                new NotCgroupException(
                    "find the group of", "this process", 0, howToFind(findMountPoint())));
  }

  /** {@return the group's directory} */
  public Path path() {
    return path;
  }

  /** {@return the group's number, the same that BPF programs see (bpf_get_current_cgroup_id)} */
  public long id() {
    try {
      return (long) Files.getAttribute(path, "unix:ino");
    } catch (IOException e) {
      throw failure("identify", e);
    }
  }

  /**
   * Creates a group below this one.
   *
   * @param name a single path element
   * @return the new group
   * @throws AlreadyExistsException if there is one
   */
  public Cgroup createChild(String name) {
    if (name.isBlank() || name.contains("/") || name.startsWith(".")) {
      throw new IllegalArgumentException("not a name for a control group: '" + name + "'");
    }
    var child = new Cgroup(path.resolve(name));
    try {
      Files.createDirectory(child.path);
      return child;
    } catch (FileAlreadyExistsException e) {
      throw new AlreadyExistsException(
          "create", child.toString(), Errno.EEXIST, "there is one already");
    } catch (IOException e) {
      throw child.failure("create", e);
    }
  }

  /**
   * Moves a process into this group, with all its threads. Sockets stay with the group that their
   * process was in when it created them.
   *
   * @param pid the process
   */
  public void add(long pid) {
    if (pid <= 0) {
      throw new IllegalArgumentException("not a process: " + pid);
    }
    int result = LibC.write(path.resolve("cgroup.procs"), Long.toString(pid));
    if (result < 0) {
      throw failure(
          "move process " + pid + " to",
          -result,
          switch (-result) {
            case Errno.ESRCH -> "there is no such process";
            case Errno.EBUSY ->
                "a group whose subgroups have controllers takes no processes: choose a leaf";
            case Errno.EOPNOTSUPP -> "the group is threaded and takes no whole processes";
            default -> Errno.meaning(-result);
          });
    }
  }

  /** {@return the processes in this group, without those of groups below} */
  public List<Long> processes() {
    try {
      return Files.readAllLines(path.resolve("cgroup.procs")).stream().map(Long::valueOf).toList();
    } catch (IOException e) {
      throw failure("list the processes of", e);
    }
  }

  /** Removes this group, which must have neither processes nor groups below. */
  public void delete() {
    int result = LibC.removeDirectory(path);
    if (result < 0) {
      throw failure(
          "delete",
          -result,
          -result == Errno.EBUSY
              ? "it still has processes or groups below"
              : Errno.meaning(-result));
    }
  }

  @Override
  public String toString() {
    return "cgroup " + path;
  }

  /** A descriptor that names the group to the kernel. */
  Fd open() {
    int fd = LibC.openDirectory(path);
    if (fd < 0) {
      throw failure("open", -fd, Errno.meaning(-fd));
    }
    return new Fd(fd, toString());
  }

  private BpfException failure(String operation, IOException e) {
    // The JDK keeps the error number to itself, but each of these has one cause.
    int errno =
        switch (e) {
          case NoSuchFileException _ -> Errno.ENOENT;
          case AccessDeniedException _ -> Errno.EACCES;
          default -> 0;
        };
    var exception = failure(operation, errno, errno == 0 ? e.getMessage() : Errno.meaning(errno));
    exception.initCause(e);
    return exception;
  }

  private BpfException failure(String operation, int errno, String explanation) {
    return switch (errno) {
      case Errno.ENOENT, Errno.ENODEV ->
          notCgroup(path, errno, "the group does not exist any more");
      case Errno.EACCES, Errno.EPERM ->
          new PrivilegeException(
              operation,
              toString(),
              errno,
              "it takes root, or write permission on this group and the one that holds both ends"
                  + " of a move (a delegated subtree)");
      default -> new BpfException(operation, toString(), errno, explanation);
    };
  }

  private static NotCgroupException notCgroup(Path path, int errno, String complaint) {
    return new NotCgroupException(
        "use", "cgroup " + path, errno, complaint + "; " + howToFind(findMountPoint()));
  }

  private static String howToFind(Optional<Path> mountPoint) {
    return mountPoint
        .map(mount -> "cgroup v2 is mounted at " + mount)
        .orElse("cgroup v2 is not mounted: mount -t cgroup2 none /sys/fs/cgroup/unified");
  }

  private static Optional<Path> findMountPoint() {
    return Mounts.of("cgroup2").stream().findFirst();
  }
}
