// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.core.TestBpfFileSystem;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An operator switches, upgrades and removes a data path that outlives its agents. */
@KernelTest
@Timeout(120)
class PinnedWordsTest {
  private final TestBpfFileSystem mount = new TestBpfFileSystem();
  private final TestCgroup group = TestCgroup.create();
  private final Path pins = mount.file("bypass");

  @AfterEach
  void closeAll() {
    try (mount;
        group) {
      group.leave();
    }
  }

  @Test
  void theDataPathGoesOnWhenTheAgentEndsAndTheNextOneCountsOn() throws Exception {
    try (Child agent = agent()) {
      assertThat(agent.line()).isEqualTo("READY");
      agent.signal("TERM");
      assertThat(agent.status()).isZero();
      assertThat(agent.errors()).contains("the data path goes on", pins.toString());
    }
    group.enter();
    try (Connection connection = new Connection()) {
      connection.sendOneMessage();
      try (Child agent = agent()) {
        assertThat(agent.line()).isEqualTo("READY");
        assertThat(agent.line()).contains("redirected=1", "connections_paired=1");
        end(agent);
      }
      connection.sendOneMessage();
    }
    assertThat(word("uninstall")).isEqualTo("0 removed");
    assertThat(Files.exists(pins)).isFalse();
  }

  @Test
  void aSecondAgentIsToldTheFirst() throws Exception {
    try (Child first = agent()) {
      assertThat(first.line()).isEqualTo("READY");
      try (Child second = agent()) {
        assertThat(second.errors().lines())
            .singleElement()
            .asString()
            .contains(pins.toString(), "process " + first.pid());
        assertThat(second.status()).isEqualTo(1);
      }
      try (Child removal = Child.start("uninstall", pins.toString())) {
        assertThat(removal.errors()).contains("process " + first.pid());
        assertThat(removal.status()).isEqualTo(1);
      }
      end(first);
    }
  }

  @Test
  void aRunningAgentIsSwitchedFromOutside() throws Exception {
    try (Child agent = agent()) {
      assertThat(agent.line()).isEqualTo("READY");
      group.enter();
      try (Connection connection = new Connection()) {
        assertThat(word("disable")).startsWith("0");
        connection.sendOneMessage();
        assertThat(next(agent, "tcp_disabled=1")).doesNotContain("redirected=");
        assertThat(word("enable")).startsWith("0");
        connection.sendOneMessage();
        assertThat(next(agent, "redirected=1")).contains("tcp_disabled=1");

        connection.send();
        assertThat(word("drain", "--timeout", "0")).startsWith("1").contains("3 unread bytes");
        connection.receive();
        assertThat(word("drain")).isEqualTo("0 drained");
      }
      end(agent);
    }
  }

  @Test
  void whereNothingIsPinnedWordsSaySo() throws Exception {
    assertThat(word("uninstall")).isEqualTo("0 ");
    for (String word : new String[] {"enable", "disable", "drain"}) {
      try (Child child = Child.start(word, pins.toString())) {
        assertThat(child.errors()).contains(pins.toString(), "nothing is pinned there");
        assertThat(child.status()).isEqualTo(1);
      }
    }
  }

  /** As somebody ends it who has no time; and it has to be gone before the mount. */
  private static void end(Child agent) throws Exception {
    agent.signal("KILL");
    agent.status();
  }

  /** A line of counters that has something; the agent prints one a second. */
  private static String next(Child agent, String wanted) throws IOException {
    String line = agent.line();
    while (line != null && !line.contains(wanted)) {
      line = agent.line();
    }
    return String.valueOf(line);
  }

  /** Exit status and first word or line of output. */
  private String word(String word, String... options) throws Exception {
    String[] arguments = new String[options.length + 2];
    arguments[0] = word;
    arguments[1] = pins.toString();
    System.arraycopy(options, 0, arguments, 2, options.length);
    group.leave();
    try (Child child = Child.start(arguments)) {
      String output = child.output().strip();
      return child.status() + " " + (output.startsWith("removed") ? "removed" : output);
    } finally {
      group.enter();
    }
  }

  private Child agent() throws IOException {
    group.leave();
    return Child.start(
        "agent", "--cgroup", group.path().toString(), "--pin", pins.toString(), "--interval", "1");
  }

  /** Two sockets of this JVM. */
  private static final class Connection implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
    private final Socket server = listener.accept();

    Connection() throws IOException {}

    void sendOneMessage() throws IOException {
      send();
      receive();
    }

    void send() throws IOException {
      client.getOutputStream().write(new byte[] {1, 2, 3});
    }

    void receive() throws IOException {
      assertThat(server.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
    }

    @Override
    public void close() throws IOException {
      client.close();
      server.close();
      listener.close();
    }
  }
}
