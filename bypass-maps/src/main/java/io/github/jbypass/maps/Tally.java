// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

/**
 * How much was sent. C: {@code struct tally}.
 *
 * @param messages what one call of send or write hands over, large ones in parts
 * @param bytes of payload
 */
public record Tally(long messages, long bytes) {
  static final Tally NONE = new Tally(0, 0);

  Tally plus(Tally other) {
    return new Tally(messages + other.messages, bytes + other.bytes);
  }
}
