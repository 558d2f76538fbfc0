// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How rigs name what they make, so that a later run can tell what a crashed one left behind. */
public final class RigName {
  private static final Pattern NAME = Pattern.compile("jbypass-mesh-(\\d{1,10})-.+");

  private RigName() {}

  /** The name for a thing of this process. */
  public static String of(String thing) {
    return "jbypass-mesh-%d-%s".formatted(ProcessHandle.current().pid(), thing);
  }

  /** Whether a rig made the thing with this name, and the rig's process is gone. */
  public static boolean isOrphan(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty();
  }
}
