// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.util.Locale;

/** How the sidecars forward. */
public enum SidecarMode {
  /** Request by request, over connections that are kept and shared. */
  HTTP,
  /** Byte by byte: each client connection has its own chain of connections to the server. */
  TCP,
  /**
   * As {@link #HTTP}, by nginx in place of HAProxy: to the rig's own server, wherever it was meant.
   */
  NGINX;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
