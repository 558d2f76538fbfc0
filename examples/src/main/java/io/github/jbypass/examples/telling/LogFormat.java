// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.telling;

import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How a line of the log is written. */
public enum LogFormat {
  /** {@code time=... level=info event=attached cgroups=...}. */
  LOGFMT,
  /** An object with the same members. */
  JSON;

  /** When, how bad, and the parts of what happened. */
  String line(Instant time, Level level, Map<String, ?> parts) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("time", time.toString());
    fields.put("level", name(level));
    fields.putAll(parts);
    return switch (this) {
      case LOGFMT -> logfmt(fields);
      case JSON -> Json.write(fields);
    };
  }

  private static String name(Level level) {
    return switch (level) {
      case ERROR -> "error";
      case WARNING -> "warn";
      case INFO -> "info";
      default -> "debug";
    };
  }

  private static String logfmt(Map<String, Object> fields) {
    return fields.entrySet().stream()
        .map(field -> field.getKey() + "=" + text(field.getValue()))
        .collect(Collectors.joining(" "));
  }

  private static String text(Object value) {
    String text =
        value instanceof List<?> all
            ? all.stream().map(String::valueOf).collect(Collectors.joining(","))
            : String.valueOf(value);
    boolean plain = text.chars().noneMatch(c -> c <= ' ' || c == '"' || c == '=' || c == '\\');
    return plain && !text.isEmpty() ? text : Json.write(text);
  }
}
