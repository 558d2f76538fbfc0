// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.pods;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Ports as people write them: {@code 443} or {@code 9000-9100}.
 *
 * @param first its first port
 * @param last its last port, at least the first
 */
public record PortRange(int first, int last) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");

  /**
   * Reads one of these.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static PortRange parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw wrong(text);
    }
    int first = Integer.parseInt(matcher.group(1));
    int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
    if (first < 1 || last > 65535 || first > last) {
      throw wrong(text);
    }
    return new PortRange(first, last);
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "'%s' is neither a port (1 to 65535) nor a range like 9000-9100".formatted(text));
  }

  /** Every port of the ranges, once. */
  public static int[] ports(List<PortRange> ranges) {
    return ranges.stream()
        .flatMapToInt(range -> IntStream.rangeClosed(range.first, range.last))
        .distinct()
        .toArray();
  }
}
