// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos.ends;

import java.nio.ByteBuffer;

/** One direction's receiver: knows every byte that may come next. See {@link Outgoing}. */
final class Incoming {
  private final Content content;
  private final ByteBuffer header = ByteBuffer.allocate(Outgoing.HEADER);
  private long position;
  private int payload; // bytes of the current frame that are still to come
  private long acknowledged;
  private boolean ended;

  Incoming(Content content) {
    this.content = content;
  }

  /** How many bytes have arrived, all as they were sent. */
  long received() {
    return position;
  }

  /** How much of this end's own direction the other end says that it has. */
  long acknowledged() {
    return acknowledged;
  }

  /** Whether the other end has said its last word. */
  boolean hasEnded() {
    return ended;
  }

  /**
   * Takes what has arrived.
   *
   * @param bytes a buffer that can be written, too
   * @param sent how much of the other direction was sent
   */
  void accept(ByteBuffer bytes, long sent) {
    content.mask(bytes, bytes.position(), bytes.limit(), position);
    while (bytes.hasRemaining()) {
      if (ended) {
        throw new CorruptionException(bytes.remaining() + " bytes after the last, at " + position);
      }
      position++;
      if (payload == 0) {
        header.put(bytes.get());
        if (!header.hasRemaining()) {
          begin(header.flip(), sent);
          header.clear();
        }
      } else {
        if (bytes.get() != 0) {
          throw new CorruptionException("a wrong byte at " + (position - 1));
        }
        payload--;
      }
    }
  }

  private void begin(ByteBuffer header, long sent) {
    int length = header.getInt();
    long acknowledgement = header.getLong();
    boolean plausible =
        (length == Outgoing.LAST || length > 0 && length <= Outgoing.MAX_PAYLOAD)
            && acknowledgement >= acknowledged
            && acknowledgement <= sent;
    if (!plausible) {
      throw new CorruptionException(
          "a wrong header at %d: length %d, acknowledges %d of %d after %d"
              .formatted(position - Outgoing.HEADER, length, acknowledgement, sent, acknowledged));
    }
    ended = length == Outgoing.LAST;
    payload = ended ? 0 : length;
    acknowledged = acknowledgement;
  }
}
