// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

/** TCP and UDP ports. */
final class Ports {
  private Ports() {}

  static int check(int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not between 1 and 65535");
    }
    return port;
  }
}
