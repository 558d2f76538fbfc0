// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.List;
import java.util.Optional;

/**
 * The kernel's verifier rejected a program. The message begins with the {@link #reason}, then shows
 * the source line, the last instructions and the statistics; {@link #log()} holds everything.
 */
public final class VerifierException extends BpfException {
  private static final long serialVersionUID = 1L;

  private final String program;
  private final String log;

  VerifierException(VerifierLog log, int errno, String hint) {
    super("load", "program " + log.program(), errno, describe(log, hint));
    this.program = log.program();
    this.log = log.text();
  }

  private static String describe(VerifierLog log, String hint) {
    var text = new StringBuilder("the verifier rejected it: ").append(log.reason()).append(hint);
    log.source().ifPresent(line -> text.append("\n  at ").append(line));
    log.instructions().forEach(instruction -> text.append("\n  ").append(instruction));
    log.statistics().ifPresent(line -> text.append("\n  ").append(line));
    return text.append("\n ").toString();
  }

  /** {@return what the verifier found wrong, in its words, in one line} */
  public String reason() {
    return parsed().reason();
  }

  /** {@return the last instructions that the verifier looked at, the rejected one at the end} */
  public List<String> instructions() {
    return parsed().instructions();
  }

  /**
   * {@return the line of C that the rejected instruction comes from, if the object was built with
   * -g}
   */
  public Optional<SourceLine> source() {
    return parsed().source();
  }

  /** {@return how much the verifier worked, such as "processed 12 insns (limit 1000000) ..."} */
  public Optional<String> statistics() {
    return parsed().statistics();
  }

  /** {@return the whole log of the verifier} */
  public String log() {
    return log;
  }

  private VerifierLog parsed() {
    return new VerifierLog(program, log);
  }
}
