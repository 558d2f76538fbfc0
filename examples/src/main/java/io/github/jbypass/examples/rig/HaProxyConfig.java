// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.nio.file.Path;

/** The configuration of a HAProxy that serves a pod as its sidecar. */
final class HaProxyConfig {
  /** Istio's sidecar user and ports. */
  static final int UID = 1337;

  static final int OUTBOUND_PORT = 15001;
  static final int INBOUND_PORT = 15006;

  private HaProxyConfig() {}

  /** Where sidecars connect from when they mean their own application. */
  static final String PASSTHROUGH = "127.0.0.6";

  /**
   * Both sides forward to where the connection was meant to go: what HAProxy takes from
   * SO_ORIGINAL_DST for servers that have no address of their own.
   */
  static String text(SidecarMode mode) {
    var meant = "0.0.0.0:0";
    return defaults(mode)
        + listen("outbound", ":" + OUTBOUND_PORT, meant)
        + listen("inbound", ":" + INBOUND_PORT, meant + " source " + PASSTHROUGH);
  }

  /** From one Unix-domain socket to another. */
  static String text(SidecarMode mode, Path from, Path to) {
    return defaults(mode) + listen("forward", "unix@%s mode 666".formatted(from), "unix@" + to);
  }

  private static String defaults(SidecarMode mode) {
    return """
    global
        maxconn 5000
        nbthread 1
        uid %1$d
        gid %1$d

    defaults
        mode %2$s
        timeout connect 10s
        timeout client 1h
        timeout server 1h
    %3$s"""
        .formatted(
            UID,
            mode,
            mode == SidecarMode.HTTP ? "    option http-keep-alive\n    http-reuse always\n" : "");
  }

  private static String listen(String name, String bind, String server) {
    return """

    listen %s
        bind %s
        server next %s
    """
        .formatted(name, bind, server);
  }
}
