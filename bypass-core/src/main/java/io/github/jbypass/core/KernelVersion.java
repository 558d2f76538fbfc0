// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * A version of the Linux kernel, as far as features depend on it. Distributions carry features back
 * to older versions: ask {@link KernelFeatures} what a kernel can do, not its version.
 *
 * @param major such as the 6 of 6.10
 * @param minor such as the 10 of 6.10
 */
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
  private static final Pattern FORM = Pattern.compile("(\\d+)\\.(\\d+).*");
  private static final Comparator<KernelVersion> ORDER =
      Comparator.comparingInt(KernelVersion::major).thenComparingInt(KernelVersion::minor);

  /**
   * Reads a version or the name of a release.
   *
   * @param text such as "6.10" or "6.1.0-18-amd64"
   * @return the version
   * @throws IllegalArgumentException if it does not begin with two numbers
   */
  public static KernelVersion of(String text) {
    var form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException("not a kernel version: " + text);
    }
    return new KernelVersion(Integer.parseInt(form.group(1)), Integer.parseInt(form.group(2)));
  }

  /** {@return the version of the running kernel} */
  public static KernelVersion running() {
    return of(System.getProperty("os.version"));
  }

  @Override
  public int compareTo(KernelVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
