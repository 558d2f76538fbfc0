// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.LinkCalls;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An attachment that the kernel keeps as a bpf_link: it ends when its descriptor is closed, at the
 * latest with the process, unless it is pinned. For control groups kernel 5.7, for network devices
 * 6.6, for socket maps 6.10. Thread-safe.
 */
public final class KernelLink implements BpfLink {
  private final Fd fd;
  private final String description;
  private @Nullable Path pin;

  KernelLink(int fd, String description) {
    this.description = description;
    this.fd = new Fd(fd, toString());
  }

  private KernelLink(Fd fd, Path pin) {
    this.fd = fd;
    this.description = "the program pinned at " + pin;
    this.pin = pin;
  }

  static KernelLink open(Path file) {
    return new KernelLink(Pins.open(file, Pins.Kind.LINK), file);
  }

  @Override
  public void update(BpfProgram program) {
    int result = program.fd().use(next -> fd.use(link -> LinkCalls.update(link, next, -1)));
    checkUpdate(program, result);
  }

  @Override
  public boolean replace(BpfProgram expected, BpfProgram next) {
    int result =
        expected
            .fd()
            .use(
                old ->
                    next.fd().use(program -> fd.use(link -> LinkCalls.update(link, program, old))));
    if (result == -Errno.EPERM && info().program() != expected.id()) {
      return false; // the kernel's answer to a surprise is the same as to a lack of privileges
    }
    checkUpdate(next, result);
    return true;
  }

  private void checkUpdate(BpfProgram program, int result) {
    switch (-result) {
      case Errno.ENOLINK ->
          throw new BpfException("update", toString(), -result, "it is detached: attach again");
      case Errno.EINVAL ->
          throw new BpfException(
              "update",
              toString(),
              -result,
              program
                  + " is a "
                  + program.type()
                  + "; the program in place is another type, or"
                  + " the kernel can't update links of this type");
      default -> Failure.check("update", toString(), result);
    }
  }

  @Override
  public synchronized void pin(Path file) {
    if (pin != null) {
      throw new IllegalStateException(this + " is pinned at " + pin);
    }
    fd.acquire();
    try {
      Pins.create(fd.number(), file, toString());
    } finally {
      fd.release();
    }
    pin = file;
  }

  @Override
  public synchronized void unpin() {
    if (pin == null) {
      throw new IllegalStateException(this + " is not pinned");
    }
    fd.acquire();
    try {
      Pins.remove(fd.number(), pin, Pins.Kind.LINK, toString());
    } finally {
      fd.release();
    }
    pin = null;
  }

  @Override
  public void detach() {
    int result = fd.use(LinkCalls::detach);
    if (result == -Errno.EOPNOTSUPP) {
      throw new UnsupportedByTypeException(
          "detach", toString(), -result, "links of this type end by being closed and unpinned");
    }
    Failure.check("detach", toString(), result);
  }

  @Override
  public LinkInfo info() {
    return LinkInfo.of(fd, toString());
  }

  @Override
  public String toString() {
    return "link of " + description;
  }

  @Override
  public void close() {
    fd.close();
  }
}
