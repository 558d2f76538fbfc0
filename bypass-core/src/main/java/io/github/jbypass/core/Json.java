// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.Collection;
import java.util.Map;

/** Writes maps, collections, strings, whole numbers and booleans as JSON (RFC 8259), indented. */
final class Json {
  private static final String INDENT = "  ";

  private final StringBuilder out = new StringBuilder();

  private Json() {}

  static String of(Map<String, ?> object) {
    var json = new Json();
    json.value(object, "\n");
    return json.out.append('\n').toString();
  }

  private void value(Object value, String line) {
    switch (value) {
      case Map<?, ?> map -> {
        out.append('{');
        var separator = line + INDENT;
        for (var entry : map.entrySet()) {
          out.append(separator);
          string(entry.getKey().toString());
          out.append(": ");
          value(entry.getValue(), line + INDENT);
          separator = "," + line + INDENT;
        }
        out.append(map.isEmpty() ? "}" : line + "}");
      }
      case Collection<?> all -> {
        out.append('[');
        var separator = "";
        for (var one : all) {
          out.append(separator);
          value(one, line + INDENT);
          separator = ", ";
        }
        out.append(']');
      }
      case Long _, Integer _, Boolean _ -> out.append(value);
      default -> string(value.toString());
    }
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        default -> {
          if (c < ' ' || Character.isSurrogate(c)) { // half a pair is no character
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
