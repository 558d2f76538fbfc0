// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

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
    %3$s
    listen outbound
        bind :%4$d
        server upstream 0.0.0.0:0

    listen inbound
        bind :%5$d
        server application 0.0.0.0:0 source %6$s
    """
        .formatted(
            UID,
            mode,
            mode == SidecarMode.HTTP ? "    option http-keep-alive\n    http-reuse always\n" : "",
            OUTBOUND_PORT,
            INBOUND_PORT,
            PASSTHROUGH);
  }
}
