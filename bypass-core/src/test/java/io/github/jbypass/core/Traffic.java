// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** What makes programs run. */
final class Traffic {
  private Traffic() {}

  /** Opens a connection in a group, which makes its sock_ops programs run. */
  static void connectIn(TestCgroup group) throws IOException {
    group.enter();
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      assertThat(client.isConnected()).isTrue();
    } finally {
      group.leave();
    }
  }
}
