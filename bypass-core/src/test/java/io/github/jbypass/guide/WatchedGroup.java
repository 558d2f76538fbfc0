// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.guide;

import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;

/** A control group whose connections the snippets watch, and a server to connect to. */
final class WatchedGroup implements AutoCloseable {
  private final TestCgroup group = TestCgroup.create();
  private final ServerSocket server;

  WatchedGroup() {
    try {
      server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] elf() {
    try (var elf = WatchedGroup.class.getResourceAsStream("/bpf/guide.bpf.o")) {
      return elf.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static BpfObjectSpec open() {
    return BpfObjectSpec.open("guide", elf());
  }

  Cgroup cgroup() {
    return group.cgroup();
  }

  int port() {
    return server.getLocalPort();
  }

  /** A process of the group connects so many times. */
  void connect(int times) {
    group.enter();
    try {
      for (int i = 0; i < times; i++) {
        connect();
        server.accept().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      group.leave();
    }
  }

  /** By IPv4: for other sockets of Java the programs at connect6 run. */
  private void connect() throws IOException {
    try (var socket = SocketChannel.open(StandardProtocolFamily.INET)) {
      socket.connect(server.getLocalSocketAddress());
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    group.close();
  }
}
