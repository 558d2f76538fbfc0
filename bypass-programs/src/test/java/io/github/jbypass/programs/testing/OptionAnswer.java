// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.util.HexFormat;

/**
 * All that getsockopt tells.
 *
 * @param errno 0 if it succeeded
 * @param length what it left in optlen
 * @param hex the whole buffer afterwards
 */
public record OptionAnswer(int errno, int length, String hex) {
  static OptionAnswer of(int errno, int length, byte[] buffer) {
    return new OptionAnswer(errno, length, HexFormat.of().formatHex(buffer));
  }

  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }
}
