// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import java.util.List;
import java.util.Optional;

/**
 * What the {@link Doctor} has found. Immutable.
 *
 * @param findings always the same checks, in the same order
 */
public record Diagnosis(List<Finding> findings) {
  /** Keeps a copy. */
  public Diagnosis {
    findings = List.copyOf(findings);
  }

  /** {@return whether the data path can work here: nothing is {@link Verdict#REFUSED}} */
  public boolean works() {
    return findings.stream().noneMatch(finding -> finding.verdict() == Verdict.REFUSED);
  }

  /**
   * {@return a finding}
   *
   * @param check its name
   */
  public Optional<Finding> finding(String check) {
    return findings.stream().filter(finding -> finding.check().equals(check)).findFirst();
  }
}
