// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.programs.ByteSize;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as written on a command line: {@code 65536}, {@code 256KiB}, {@code 1MiB}. */
final class Sizes {
  private static final Pattern FORM = Pattern.compile("(\\d{1,12})(KiB|MiB|)");

  private Sizes() {}

  static ByteSize parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a number of bytes like 65536, 256KiB or 1MiB".formatted(text));
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "KiB" -> ByteSize.KiB(number);
      case "MiB" -> ByteSize.MiB(number);
      default -> ByteSize.bytes(number);
    };
  }
}
