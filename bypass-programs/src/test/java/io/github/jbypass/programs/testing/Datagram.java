// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** A datagram as a socket received it. */
public record Datagram(byte[] bytes, InetSocketAddress source) {
  /** Its bytes as ASCII. */
  public String text() {
    return new String(bytes, StandardCharsets.US_ASCII);
  }
}
