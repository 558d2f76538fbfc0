// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

/** Less of the same, where an emulated processor has little time: {@code -Djbypass.test.brief}. */
public final class Brief {
  private static final boolean ON = Boolean.getBoolean("jbypass.test.brief");
  private static final int SHARE = 10;

  private Brief() {}

  public static boolean isOn() {
    return ON;
  }

  /** That many, or a tenth. */
  public static int count(int whole) {
    return ON ? Math.ceilDiv(whole, SHARE) : whole;
  }
}
