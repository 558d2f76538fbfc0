// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.List;

/**
 * The kernel's verifier rejected a program. The message shows the last useful lines of the
 * verifier's log; {@link #log()} holds all of it.
 */
public final class VerifierException extends BpfException {
  private static final long serialVersionUID = 1L;

  private final String log;

  VerifierException(String program, int errno, VerifierLog log) {
    super(
        "load",
        "program " + program,
        errno,
        "the verifier rejected it:\n  " + String.join("\n  ", log.summary()) + "\n ");
    this.log = log.text();
  }

  /** The whole log of the verifier. */
  public String log() {
    return log;
  }

  /** The last instructions that the verifier looked at and what it found wrong, in that order. */
  public List<String> summary() {
    return VerifierLog.summarise(log);
  }
}
