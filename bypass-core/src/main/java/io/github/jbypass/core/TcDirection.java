// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** Which packets of a network device a tc program sees. */
public enum TcDirection {
  /** What the device receives. At the host's end of a veth pair: what the pod sends. */
  INGRESS,
  /** What is sent through the device. */
  EGRESS
}
