// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

/**
 * Something that applications do with connections, to be done once on plain TCP and once
 * redirected.
 *
 * @param check its name in findings
 * @param essential whether the data path must not be used unless it is as on TCP
 * @param remedy what to do where it is not
 * @param experiment what is done
 */
record Trial(String check, boolean essential, String remedy, Experiment experiment) {
  static Trial essential(String check, Experiment experiment) {
    return new Trial(check, true, "do not use it on this kernel", experiment);
  }

  static Trial of(String check, String remedy, Experiment experiment) {
    return new Trial(check, false, remedy, experiment);
  }

  /** Does it with connections of that path. */
  @FunctionalInterface
  interface Experiment {
    Outcome on(TrialPath path);
  }

  /** How it went. */
  sealed interface Outcome {
    /** {@return the outcome as words for people} */
    String seen();
  }

  /** As TCP has it. */
  record Same(String seen) implements Outcome {}

  /** Not as TCP has it. */
  record Different(String seen) implements Outcome {}

  /** A value that has to be the same as on plain TCP. */
  record Measured(String seen) implements Outcome {}

  /** The connection was left to TCP, on purpose. */
  record LeftToTcp(String seen) implements Outcome {}

  /** It can't be done here, on whatever connection. */
  record Impossible(String seen) implements Outcome {}
}
