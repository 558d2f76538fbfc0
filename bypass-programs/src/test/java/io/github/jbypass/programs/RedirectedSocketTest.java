// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.jbypass.core.BpfException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What needs neither iptables nor interception; the example's test has both. */
class RedirectedSocketTest {
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aConnectionThatNobodyRedirectedHasNone(String address) throws IOException {
    var anyPort = new InetSocketAddress(InetAddress.ofLiteral(address), 0);
    try (var listener = ServerSocketChannel.open().bind(anyPort);
        var connected = SocketChannel.open(listener.getLocalAddress())) {
      SocketChannel client = listener.accept();
      Optional<InetSocketAddress> target = RedirectedSocket.originalDestination(client);
      client.close();

      assertThat(target).isEmpty();
      assertThat(RedirectedSocket.originalDestination(connected)).isEmpty();
    }
  }

  @Test
  void aChannelHasToBeConnectedAndOpen() throws IOException {
    var channel = SocketChannel.open();
    assertThatThrownBy(() -> RedirectedSocket.originalDestination(channel))
        .isInstanceOf(NotYetConnectedException.class);
    channel.close();
    assertThatThrownBy(() -> RedirectedSocket.originalDestination(channel))
        .isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void aDescriptorHasToBeASockets() throws IOException {
    assertThatThrownBy(() -> RedirectedSocket.originalDestination(-1))
        .isInstanceOf(BpfException.class)
        .hasMessageContaining("EBADF");
    try (var _ = Files.newInputStream(Path.of("/dev/null"))) {
      int fd = descriptorOf("/dev/null");
      assertThatThrownBy(() -> RedirectedSocket.originalDestination(fd))
          .isInstanceOf(BpfException.class)
          .hasMessageContaining("file descriptor " + fd)
          .hasMessageContaining("ENOTSOCK");
    }
  }

  private static int descriptorOf(String file) throws IOException {
    try (var open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (var fd : open) {
        if (Files.exists(fd) && Files.readSymbolicLink(fd).toString().equals(file)) {
          return Integer.parseInt(fd.getFileName().toString());
        }
      }
    }
    throw new AssertionError(file + " is not open");
  }
}
