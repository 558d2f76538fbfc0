// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.BpfCalls;
import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.LibC;
import io.github.jbypass.core.internal.QueryCalls;
import java.nio.file.Path;

/**
 * An attachment to a socket map on kernels before 6.10, which have no links for it. If the process
 * ends without closing it, it lives on for as long as the map does. Thread-safe.
 */
public final class DirectAttachment implements BpfLink {
  private final Fd map;
  private final int attachType;
  private final String description;
  private Fd program;
  private boolean attached = true;

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
        Failure.check("duplicate descriptors of", description, LibC.duplicate(fd)),
        "attachment of " + description);
  }

  @Override
  public synchronized void update(BpfProgram program) {
    int result =
        program.fd().use(next -> map.use(target -> BpfCalls.attach(next, target, attachType)));
    Failure.check("update", toString(), result);
    var old = this.program;
    this.program = new Fd(program.duplicate(), toString());
    attached = true;
    old.close();
  }

  /**
   * Not possible.
   *
   * @throws UnsupportedByTypeException always
   */
  @Override
  public boolean replace(BpfProgram expected, BpfProgram next) {
    throw unsupported("replace");
  }

  /**
   * Not possible.
   *
   * @throws UnsupportedByTypeException always
   */
  @Override
  public void pin(Path file) {
    throw unsupported("pin");
  }

  /**
   * Not possible.
   *
   * @throws IllegalStateException always
   */
  @Override
  public void unpin() {
    throw new IllegalStateException(this + " is not pinned");
  }

  @Override
  public synchronized void detach() {
    int result =
        map.use(
            target -> attached ? program.use(fd -> BpfCalls.detach(fd, target, attachType)) : 0);
    attached = false;
    if (result != -Errno.ENOENT) { // somebody has put another program in its place
      Failure.check("detach", toString(), result);
    }
  }

  /**
   * Closes the handle and leaves the program where it is: it stays attached for as long as the map
   * lives, or until another one is attached to it. Idempotent.
   */
  public synchronized void leave() {
    attached = false;
    program.close();
    map.close();
  }

  /** Others may have changed it since: from kernel 5.18 on, the kernel is asked. */
  @Override
  public synchronized LinkInfo info() {
    int id = map.use(fd -> Pins.id(fd, toString()));
    int there = attached ? programThere() : 0;
    var target = there == 0 ? new LinkInfo.OfNothing() : new LinkInfo.OfMap(id);
    return new LinkInfo(0, LinkType.NONE, there, AttachType.of(attachType), target);
  }

  /** Its number, 0 if there is none. */
  private int programThere() {
    try (var query = new QueryCalls()) {
      int result = map.use(fd -> query.run(fd, attachType, false));
      if (result == -Errno.EINVAL) {
        return ProgramInfo.of(program, toString()).id();
      }
      Failure.check("inspect", toString(), result);
      return query.count() == 0 ? 0 : query.program(0);
    }
  }

  @Override
  public String toString() {
    return "attachment of " + description;
  }

  @Override
  public synchronized void close() {
    if (map.isClosed()) {
      return;
    }
    try {
      detach();
    } finally {
      program.close();
      map.close();
    }
  }

  private UnsupportedByTypeException unsupported(String operation) {
    return new UnsupportedByTypeException(
        operation,
        toString(),
        Errno.EOPNOTSUPP,
        "attachments to socket maps are links from kernel 6.10 on only");
  }
}
