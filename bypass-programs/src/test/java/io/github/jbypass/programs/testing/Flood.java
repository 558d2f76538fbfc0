// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/** Sending to a peer that doesn't read, until the kernel takes no more. */
public final class Flood {
  private static final int CHUNK = 16 << 10;
  private static final Content CONTENT = new Content(0xF100D);
  private static final Duration SETTLED = Duration.ofMillis(100);

  // Far above what any test allows: a flood that nothing stops ends before it hurts the host.
  private static final long HOPELESS_BYTES = 64L << 20;
  private static final int HOPELESS_MESSAGES = 1 << 20;

  private Flood() {}

  /** Sends from a non-blocking socket until poll calls it unwritable; how much the kernel took. */
  public static long fill(PosixSocket sender) {
    return fill(sender, 0, CHUNK);
  }

  /** Goes on with a flood that has come as far as the offset, as an event loop would. */
  public static long fill(PosixSocket sender, long offset, int chunk) {
    long at = offset;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(chunk);
      do {
        at += sendUntilRefused(sender, at, buffer);
        // What is still on its way makes room once it has arrived.
      } while (sender.poll(Posix.POLLOUT, SETTLED) != 0);
    }
    return at - offset;
  }

  /** The same, but until not one byte more goes in, long after poll has given up. */
  public static long fillToTheBrim(PosixSocket sender) {
    long at = fill(sender);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(CHUNK);
      for (long taken = 1; taken > 0; at += taken) {
        sender.poll(Posix.POLLOUT, SETTLED);
        taken = sendUntilRefused(sender, at, buffer);
      }
    }
    return at;
  }

  /** Sends that many bytes from a blocking socket. */
  public static void send(PosixSocket sender, long length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(CHUNK);
      for (long at = 0; at < length; ) {
        MemorySegment chunk = buffer.asSlice(0, Math.min(CHUNK, length - at));
        CONTENT.fill(chunk, at);
        sender.sendAll(chunk);
        at += chunk.byteSize();
      }
    }
  }

  private static long sendUntilRefused(PosixSocket sender, long offset, MemorySegment buffer) {
    long at = offset;
    try {
      for (int i = 0; i < HOPELESS_MESSAGES && at - offset < HOPELESS_BYTES; i++) {
        CONTENT.fill(buffer, at);
        at += sender.send(buffer, 0);
      }
      throw new AssertionError("nothing stopped the sender within " + (at - offset) + " bytes");
    } catch (PosixException e) {
      if (e.errno() != Errno.EAGAIN) {
        throw e;
      }
    }
    return at - offset;
  }

  /** Reads a flood of that length and verifies each byte. */
  public static void drain(PosixSocket receiver, long length) {
    drain(receiver, 0, length);
  }

  public static void drain(PosixSocket receiver, long from, long length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(CHUNK);
      MemorySegment scratch = arena.allocate(CHUNK);
      for (long at = from; at < from + length; ) {
        long wanted = Math.min(CHUNK, from + length - at);
        int size = receiver.receiveWhenReady(buffer.asSlice(0, wanted));
        if (size == 0) {
          throw new AssertionError("the stream ended at " + at + " of " + (from + length));
        }
        CONTENT.verify(buffer.asSlice(0, size), at, scratch);
        at += size;
      }
    }
  }
}
