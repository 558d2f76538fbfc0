// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The verifier's log as found in libbpf's warnings.
 *
 * <p>It tells of instructions in the order in which the verifier followed them, each source line
 * before its instructions, and ends with the complaint about the last instruction and statistics.
 */
record VerifierLog(String program, String text) {
  private static final Pattern BEGIN =
      Pattern.compile("prog '([^']*)': -- BEGIN PROG LOAD LOG --\n");
  private static final Pattern END = Pattern.compile("^-- END PROG LOAD LOG --", Pattern.MULTILINE);

  private static final Predicate<String> WORK =
      Pattern.compile("processed \\d+ insns .*").asMatchPredicate();

  /** Lines that tell how much the verifier worked or what it knew, not what it found wrong. */
  private static final Predicate<String> NO_COMPLAINT =
      Pattern.compile(
              "|processed \\d+ insns .*|verification time .*|stack depth .*|cur state: .*"
                  + "|old state: .*|mark_precise: .*|from \\d+ to \\d+.*|func#\\d+ @.*")
          .asMatchPredicate();

  private static final Predicate<String> INSTRUCTION =
      Pattern.compile("\\d+: \\([0-9a-f]{2}\\) .*").asMatchPredicate();

  /** Since Linux 6.9 with the file and line, before only the text. */
  private static final Pattern SOURCE = Pattern.compile("; (.*?)(?: @ (\\S+):(\\d+))?");

  private static final int INSTRUCTIONS = 4;
  private static final int TAIL = 64 << 10; // characters; a log has up to 16 million

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

  /** What the verifier found wrong, in one line. */
  String reason() {
    var complaint = new ArrayList<String>();
    for (var line : tail()) {
      if (INSTRUCTION.test(line) || SOURCE.matcher(line).matches()) {
        complaint.clear();
      } else if (!NO_COMPLAINT.test(line)) {
        complaint.add(line);
      }
    }
    return complaint.isEmpty() ? "it does not say why" : String.join("; ", complaint);
  }

  /** The last instructions that it looked at, the rejected one at the end. */
  List<String> instructions() {
    var last = new ArrayDeque<String>();
    for (var line : tail()) {
      if (INSTRUCTION.test(line)) {
        last.addLast(line);
        if (last.size() > INSTRUCTIONS) {
          last.removeFirst();
        }
      }
    }
    return List.copyOf(last);
  }

  /** The source line of the last instruction, if the object has type information. */
  Optional<SourceLine> source() {
    return tail().reversed().stream()
        .map(SOURCE::matcher)
        .filter(java.util.regex.Matcher::matches)
        .findFirst()
        .map(
            found ->
                new SourceLine(
                    Optional.ofNullable(found.group(2)),
                    found.group(3) == null ? 0 : Integer.parseInt(found.group(3)),
                    found.group(1)));
  }

  /** How much the verifier worked. */
  Optional<String> statistics() {
    return tail().reversed().stream().filter(WORK).findFirst();
  }

  private List<String> tail() {
    return text.substring(Math.max(0, text.length() - TAIL)).lines().map(String::strip).toList();
  }
}
