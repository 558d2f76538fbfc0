// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos.ends;

/** How a connection gets to its server. */
public enum Route {
  /** Straight. */
  DIRECT(false),
  /** The client connects to the sidecar over loopback, and that to the server. */
  PROXIED(true),
  /** The client connects to the server; while its pod is intercepted, the sidecar is in between. */
  LED_OUT(true),
  /** The same with the server in the pod: what comes from elsewhere is led to its sidecar. */
  LED_IN(true);

  private final boolean mayMeetSidecar;

  Route(boolean mayMeetSidecar) {
    this.mayMeetSidecar = mayMeetSidecar;
  }

  /** Whether the agent decides about it. */
  boolean isLed() {
    return this == LED_OUT || this == LED_IN;
  }

  /** Whether the end of a sidecar may break it. */
  boolean mayMeetSidecar() {
    return mayMeetSidecar;
  }
}
