// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.BpfCalls;
import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.LibC;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An attachment to a socket map on kernels before 6.10, which have no links for it. If the process
 * ends without closing it, it lives on for as long as the map does.
 */
public final class DirectAttachment implements BpfLink {
  private final Fd program;
  private final Fd map;
  private final int attachType;
  private final String description;
  private final AtomicBoolean closed = new AtomicBoolean();

  private DirectAttachment(Fd program, Fd map, int attachType, String description) {
    this.program = program;
    this.map = map;
    this.attachType = attachType;
    this.description = description;
  }

  /** Attaches. Keeps descriptors of its own, to detach with when the caller's are closed. */
  static DirectAttachment create(int program, int map, int attachType, String description) {
    var ownProgram = duplicate(program, description);
    try {
      var ownMap = duplicate(map, description);
      try {
        int result = BpfCalls.attach(ownProgram.number(), ownMap.number(), attachType);
        Failure.check("attach", description, result);
        return new DirectAttachment(ownProgram, ownMap, attachType, description);
      } catch (Throwable t) {
        ownMap.close();
        throw t;
      }
    } catch (Throwable t) {
      ownProgram.close();
      throw t;
    }
  }

  private static Fd duplicate(int fd, String description) {
    return new Fd(
        Failure.check("duplicate descriptors of", description, LibC.duplicate(fd)), description);
  }

  @Override
  public String toString() {
    return "attachment of " + description;
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    int result = BpfCalls.detach(program.number(), map.number(), attachType);
    program.close();
    map.close();
    if (result != -Errno.ENOENT) { // somebody has put another program in its place
      Failure.check("detach", description, result);
    }
  }
}
