// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos.ends;

/**
 * What one end knows of a connection that has ended.
 *
 * @param written bytes that the kernel has taken
 * @param received bytes that have arrived, all as they were sent
 * @param acknowledged bytes that the other end said it has
 * @param whole whether both directions came to their ends
 */
public record Record(
    long connection,
    boolean client,
    Route route,
    long written,
    long received,
    long acknowledged,
    boolean whole) {
  /** How lines that tell one begin. */
  public static final String WORD = "END";

  static final String WHOLE = "whole";
  static final String BROKEN = "broken";

  static String line(
      long connection,
      boolean client,
      Route route,
      long written,
      long received,
      long acknowledged,
      String outcome) {
    return "%s %d %b %s %d %d %d %s"
        .formatted(WORD, connection, client, route, written, received, acknowledged, outcome);
  }

  /** Reads a line. */
  public static Record parse(String line) {
    var words = line.split(" ");
    return new Record(
        Long.parseLong(words[1]),
        Boolean.parseBoolean(words[2]),
        Route.valueOf(words[3]),
        Long.parseLong(words[4]),
        Long.parseLong(words[5]),
        Long.parseLong(words[6]),
        words[7].equals(WHOLE));
  }
}
