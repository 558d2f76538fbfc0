// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.telling;

import java.text.MessageFormat;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/** Writes what is logged to standard error, a line each. Thread-safe. */
final class LineLogger implements System.Logger {
  private static final String OURS = "io.github.jbypass";

  private final String name;

  LineLogger(String name) {
    this.name = name;
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public boolean isLoggable(Level level) {
    var least = name.startsWith(OURS) ? Log.leastLevel() : Level.WARNING;
    return level != Level.OFF && level.getSeverity() >= least.getSeverity();
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String message,
      @Nullable Throwable thrown) {
    write(level, Map.of("logger", name, "message", translated(bundle, message)), thrown);
  }

  /** What is logged as an event comes as the only parameter. */
  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String format,
      @Nullable Object @Nullable ... parameters) {
    if (parameters == null || parameters.length == 0) {
      log(level, bundle, format, (Throwable) null);
    } else if (parameters.length == 1 && parameters[0] instanceof Map<?, ?> event) {
      write(level, event, null);
    } else {
      log(
          level,
          null,
          MessageFormat.format(translated(bundle, format), parameters),
          (Throwable) null);
    }
  }

  private static String translated(@Nullable ResourceBundle bundle, @Nullable String message) {
    return message == null
        ? "null"
        : bundle != null && bundle.containsKey(message) ? bundle.getString(message) : message;
  }

  private void write(Level level, Map<?, ?> parts, @Nullable Throwable thrown) {
    if (isLoggable(level)) {
      Map<String, Object> fields = new LinkedHashMap<>();
      parts.forEach((key, value) -> fields.put(String.valueOf(key), value));
      if (thrown != null) {
        fields.put("error", thrown.toString());
      }
      System.err.println(
          Log.format().line(Instant.now().truncatedTo(ChronoUnit.MILLIS), level, fields));
    }
  }
}
