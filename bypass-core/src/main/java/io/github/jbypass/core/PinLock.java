// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.FileCalls;
import io.github.jbypass.core.internal.LibC;
import io.github.jbypass.core.internal.Mounts;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The sole use of a {@link PinDirectory}, until it is closed. The kernel ends it with the process,
 * SIGKILL included. Thread-safe.
 */
public final class PinLock implements AutoCloseable {
  private static final File LOCKS = new File("/proc/locks");
  private static final int PID = 4; // words of a line in /proc/locks
  private static final int INODE = 5;

  private final Fd directory;

  private PinLock(Fd directory) {
    this.directory = directory;
  }

  static PinLock take(Path path, String description) {
    while (true) {
      int number = Failure.check("lock", description, LibC.openDirectory(path));
      var directory = new Fd(number, description);
      try {
        int result = directory.use(FileCalls::lock);
        var opened = fileKey(Path.of("/proc/self/fd/" + number));
        if (result == -Errno.EAGAIN) {
          throw new DirectoryInUseException("lock", description, holder(opened));
        }
        Failure.check("lock", description, result);
        if (opened.equals(fileKey(path))) {
          return new PinLock(directory);
        }
        directory.close(); // it was removed, and perhaps made anew, before it was locked
      } catch (IOException e) {
        directory.close();
        var failure =
            new PinException("lock", description, Errno.ENOENT, "it has just been removed");
        failure.initCause(e);
        throw failure;
      } catch (Throwable t) {
        directory.close();
        throw t;
      }
    }
  }

  /** Device and inode as /proc/locks writes them. */
  private static String fileKey(Path file) throws IOException {
    var attributes =
        file.startsWith("/proc")
            ? Files.readAttributes(file, "unix:dev,ino")
            : Files.readAttributes(file, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
    long device = (long) attributes.get("dev");
    long major = device >>> 8 & 0xfff;
    long minor = device & 0xff | device >>> 12 & 0xfff00;
    return "%02x:%02x:%d".formatted(major, minor, (long) attributes.get("ino"));
  }

  /** Process id; 0 where it is not told. */
  private static long holder(String fileKey) {
    for (var line : Mounts.lines(LOCKS)) {
      var words = line.split("\\s+");
      if (words.length > INODE && words[INODE].equals(fileKey)) {
        return Math.max(0, Long.parseLong(words[PID]));
      }
    }
    return 0;
  }

  @Override
  public void close() {
    directory.close();
  }
}
