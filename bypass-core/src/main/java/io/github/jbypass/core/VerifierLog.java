// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The verifier's log as found in libbpf's warnings. */
record VerifierLog(String program, String text) {
  private static final Pattern BEGIN =
      Pattern.compile("prog '([^']*)': -- BEGIN PROG LOAD LOG --\n");
  private static final Pattern END = Pattern.compile("^-- END PROG LOAD LOG --", Pattern.MULTILINE);

  /** Lines that tell how much the verifier worked, not what it found. */
  private static final Pattern STATISTICS =
      Pattern.compile("processed \\d+ insns .*|verification time .*|stack depth .*");

  private static final int SUMMARY_LINES = 6;

  static Optional<VerifierLog> find(String warnings) {
    var begin = BEGIN.matcher(warnings);
    if (!begin.find()) {
      return Optional.empty();
    }
    var end = END.matcher(warnings);
    var text =
        warnings.substring(begin.end(), end.find(begin.end()) ? end.start() : warnings.length());
    return Optional.of(new VerifierLog(begin.group(1), text));
  }

  /** The last lines that tell what the verifier looked at and what it found wrong. */
  List<String> summary() {
    return summarise(text);
  }

  static List<String> summarise(String text) {
    var useful =
        text.lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !STATISTICS.matcher(line).matches())
            .toList();
    return useful.subList(Math.max(0, useful.size() - SUMMARY_LINES), useful.size());
  }
}
