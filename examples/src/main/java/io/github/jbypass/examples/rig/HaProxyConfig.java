// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

/** The configuration of a HAProxy that serves a pod as its sidecar. */
final class HaProxyConfig {
  /** Istio's sidecar user and ports. */
  static final int UID = 1337;

  static final int OUTBOUND_PORT = 15001;
  static final int INBOUND_PORT = 15006;

  private HaProxyConfig() {}

  /**
   * @param outboundTarget where the pod's own connections go
   * @param inboundTarget the application that serves connections to the pod
   */
  static String text(SidecarMode mode, String outboundTarget, String inboundTarget) {
    return """
    global
        maxconn 5000
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
        server upstream %5$s

    listen inbound
        bind :%6$d
        server application %7$s
    """
        .formatted(
            UID,
            mode,
            mode == SidecarMode.HTTP ? "    option http-keep-alive\n    http-reuse always\n" : "",
            OUTBOUND_PORT,
            outboundTarget,
            INBOUND_PORT,
            inboundTarget);
  }
}
