// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

/**
 * One thing that the {@link Doctor} has looked at.
 *
 * @param area what it is about
 * @param check its name, which stays the same from version to version: {@code splice_from_socket}
 * @param verdict what it comes down to
 * @param notice what was seen; of behaviour, what an application would notice
 * @param remedy what the library does about it, or what can be done; empty if nothing has to be
 */
public record Finding(Area area, String check, Verdict verdict, String notice, String remedy) {
  /** What a finding is about. */
  public enum Area {
    /** The kernel, this process and the file systems. */
    MACHINE,

    /** Programs and maps that others have loaded. */
    NEIGHBOURS,

    /** What applications see of connections that are redirected. */
    BEHAVIOUR
  }
}
