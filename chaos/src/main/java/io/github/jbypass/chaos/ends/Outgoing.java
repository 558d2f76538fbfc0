// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos.ends;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.random.RandomGenerator;

/**
 * One direction's sender. It sends frames: a length, how much of the other direction has arrived,
 * and that many zeros; all of it masked by {@link Content}. The last frame has no length but {@link
 * #LAST}, so that a receiver can tell an end from a loss.
 */
final class Outgoing {
  static final int HEADER = Integer.BYTES + Long.BYTES;
  static final int MAX_PAYLOAD = 32 << 10;
  static final int LAST = -1;

  private final Content content;
  private final RandomGenerator random;
  private final ByteBuffer frame = ByteBuffer.allocate(HEADER + MAX_PAYLOAD).limit(0);
  private long position;
  private long written;
  private int wanted; // bytes of the current message that are in no frame yet
  private boolean ending;
  private boolean ended;

  Outgoing(Content content, RandomGenerator random) {
    this.content = content;
    this.random = random;
  }

  /** Asks for that many bytes to be sent. */
  void send(int bytes) {
    wanted += bytes;
  }

  /** Asks for the last frame. */
  void end() {
    ending = true;
  }

  /** How many bytes the channel has taken. */
  long written() {
    return written;
  }

  /**
   * Writes what is asked for, in pieces of random sizes.
   *
   * @param received how much of the other direction has arrived
   * @return whether everything is written
   */
  boolean write(WritableByteChannel channel, long received) throws IOException {
    while (frame.hasRemaining() || next(received)) {
      int all = frame.remaining();
      int piece = random.nextBoolean() ? all : 1 + random.nextInt(all);
      int limit = frame.limit();
      int taken = channel.write(frame.limit(frame.position() + piece));
      frame.limit(limit);
      written += taken;
      if (taken < piece) {
        return false;
      }
    }
    return true;
  }

  /** Whether the last frame is written. */
  boolean hasEnded() {
    return ended && !frame.hasRemaining();
  }

  private boolean next(long received) {
    if (ended || wanted == 0 && !ending) {
      return false;
    }
    int payload = Math.min(wanted, 1 + random.nextInt(MAX_PAYLOAD));
    frame.clear().putInt(payload == 0 ? LAST : payload).putLong(received);
    for (int i = 0; i < payload; i++) {
      frame.put((byte) 0);
    }
    frame.flip();
    content.mask(frame, 0, frame.limit(), position);
    position += frame.limit();
    wanted -= payload;
    ended = payload == 0;
    return true;
  }
}
