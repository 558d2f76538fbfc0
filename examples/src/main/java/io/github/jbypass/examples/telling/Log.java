// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.telling;

import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;

/** The log: what the library tells, and what the agent adds, a line each, on standard error. */
public final class Log {
  private static volatile Level leastLevel = Level.WARNING;
  private static volatile LogFormat format = LogFormat.LOGFMT;

  private static final System.Logger AGENT = System.getLogger("io.github.jbypass.agent");

  private Log() {}

  /** Every transition from now on, and not only what is wrong. */
  public static void tellTransitions(LogFormat how) {
    format = how;
    leastLevel = Level.INFO;
  }

  static Level leastLevel() {
    return leastLevel;
  }

  static LogFormat format() {
    return format;
  }

  public static void info(String event, Map<String, ?> fields) {
    log(Level.INFO, event, fields);
  }

  public static void warning(String event, Map<String, ?> fields) {
    log(Level.WARNING, event, fields);
  }

  private static void log(Level level, String event, Map<String, ?> fields) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("event", event);
    all.putAll(fields);
    AGENT.log(level, "{0}", all);
  }
}
