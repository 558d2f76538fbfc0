// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.AbstractMap;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Something worth a line in the log: a name that never changes, and what belongs to it. Written as
 * {@code event=name key=value}; who wants the parts finds them as a map in the record's only
 * parameter. Not thread-safe until it is logged.
 */
final class LogEvent extends AbstractMap<String, Object> {
  /** The logger of the library; libbpf's messages have one below it. */
  static final Logger LOGGER = System.getLogger("io.github.jbypass");

  private final Map<String, Object> fields = new LinkedHashMap<>();

  LogEvent(String name) {
    fields.put("event", name);
  }

  LogEvent with(String key, Object value) {
    fields.put(key, value);
    return this;
  }

  void log(Level level) {
    LOGGER.log(level, "{0}", this);
  }

  /** With a stack trace, for what is only wanted when looking for a mistake. */
  void log(Level level, Throwable cause) {
    if (LOGGER.isLoggable(level)) {
      LOGGER.log(level, toString(), cause);
    }
  }

  @Override
  public Set<Entry<String, Object>> entrySet() {
    return fields.entrySet();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return super.equals(other);
  }

  @Override
  public int hashCode() {
    return super.hashCode();
  }

  @Override
  public String toString() {
    return fields.entrySet().stream()
        .map(field -> field.getKey() + "=" + text(field.getValue()))
        .collect(Collectors.joining(" "));
  }

  private static String text(Object value) {
    return value instanceof Collection<?> all
        ? quoted(all.stream().map(String::valueOf).collect(Collectors.joining(",")))
        : quoted(value.toString());
  }

  private static String quoted(String text) {
    return text.isEmpty() || text.chars().anyMatch(LogEvent::needsQuotes)
        ? '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"'
        : text;
  }

  private static boolean needsQuotes(int c) {
    return c <= ' ' || c == '"' || c == '=' || c == '\\';
  }
}
