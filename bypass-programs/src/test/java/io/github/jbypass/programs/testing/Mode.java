// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

/** The same assertions hold on plain TCP, which validates the test, and accelerated. */
public enum Mode {
  PLAIN,
  ACCELERATED
}
