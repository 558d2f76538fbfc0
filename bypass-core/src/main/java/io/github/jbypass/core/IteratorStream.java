// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.FileCalls;
import io.github.jbypass.core.internal.LinkCalls;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** What an iterator program writes. It runs when, and as far as, the stream is read. */
final class IteratorStream extends InputStream {
  private static final int BUFFER_SIZE = 32 * 1024; // the kernel's own has as many

  private final Fd fd;
  private final String description;
  private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_SIZE);
  private int position;
  private int limit;

  IteratorStream(Fd fd, String description) {
    this.fd = fd;
    this.description = description;
  }

  /** Runs a program over a map, or over what it iterates by itself (-1). */
  static IteratorStream open(BpfProgram program, String description, int map) {
    // The kernel does not tell the attach type of a program that was opened by its number.
    boolean opened = program.attachType() == AttachType.OTHER;
    if (program.attachType() != AttachType.TRACE_ITER
        && !(opened && program.type() == ProgramType.TRACING)) {
      throw new IllegalArgumentException(
          "%s is of type %s, attached at %s: no iterator"
              .formatted(program, program.type(), program.attachType()));
    }
    int iterator = AttachType.TRACE_ITER.number();
    int link = program.fd().use(fd -> LinkCalls.createIterator(fd, map, iterator));
    if (link == -Errno.EINVAL || link == -Errno.EBADF) {
      throw Failure.of(
          "iterate",
          description,
          -link,
          map < 0
              ? "it needs a map to iterate over"
              : "it is for another type of map, or for none");
    }
    // The stream keeps the link alive.
    try (var temporary = new Fd(Failure.check("iterate", description, link), description)) {
      int stream = LinkCalls.openIterator(temporary.number());
      return new IteratorStream(
          new Fd(Failure.check("iterate", description, stream), description), description);
    }
  }

  @Override
  public synchronized int read() throws IOException {
    return fill() ? Byte.toUnsignedInt(buffer.get(JAVA_BYTE, position++)) : -1;
  }

  @Override
  public synchronized int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, limit - position);
    MemorySegment.copy(buffer, JAVA_BYTE, position, bytes, offset, count);
    position += count;
    return count;
  }

  @Override
  public synchronized int available() {
    return limit - position;
  }

  /** Makes sure that there are bytes in the buffer; returns false at the end. */
  private boolean fill() throws IOException {
    if (fd.isClosed()) {
      throw new IOException(description + " is closed");
    }
    if (position < limit) {
      return true;
    }
    position = 0;
    limit = 0;
    int count;
    do {
      count = read(buffer);
    } while (count == -Errno.EAGAIN); // a million objects went by without output
    if (count < 0) {
      var failure = Failure.of("read", description, -count);
      throw new IOException(failure.getMessage(), failure);
    }
    limit = count;
    return count > 0;
  }

  private int read(MemorySegment into) throws IOException {
    try {
      return fd.use(number -> FileCalls.read(number, into));
    } catch (IllegalStateException e) { // closed since we looked
      throw new IOException(description + " is closed", e);
    }
  }

  /** Not synchronized: closing does not wait for a read under way. */
  @Override
  public void close() {
    fd.close();
  }
}
