// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.programs.RunningBypass;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
class LiveFlowsTest {
  private static final int NOBODYS_NUMBER = Integer.MAX_VALUE;

  static Stream<Arguments> badArguments() {
    return Stream.of(
        Arguments.of("--sort", "--sort size"),
        Arguments.of("--interval is at least 1", "--interval 0"),
        Arguments.of("--limit is at least 1", "--limit 0"),
        Arguments.of("--agent", "--agent mine"),
        Arguments.of("mutually exclusive", "--services --events"),
        Arguments.of("--faster", "--faster"));
  }

  @ParameterizedTest
  @MethodSource("badArguments")
  void aBadArgumentIsToldInOneLine(String complaint, String arguments) throws Exception {
    try (Child flows = flows(arguments)) {
      assertThat(flows.status()).isEqualTo(2);
      assertThat(flows.errors().lines()).singleElement().asString().contains(complaint);
      assertThat(flows.output()).isEmpty();
    }
  }

  @Test
  void helpIsNoMistake() throws Exception {
    try (Child flows = flows("--help")) {
      assertThat(flows.output()).contains("--sort", "--services", "--events", "--json");
      assertThat(flows.status()).isZero();
    }
  }

  @KernelTest
  @ParameterizedTest
  @MethodSource("looks")
  void anAgentThatDoesNotRunIsToldInOneLine(String arguments) throws Exception {
    try (Child flows = flows(arguments + " --agent " + NOBODYS_NUMBER)) {
      assertThat(flows.status()).isEqualTo(1);
      assertThat(flows.errors().lines())
          .singleElement()
          .asString()
          .contains("no agent " + NOBODYS_NUMBER);
      assertThat(flows.output()).isEmpty();
    }
  }

  static Stream<String> looks() {
    return Stream.of("", "--json", "--services", "--events");
  }

  @Nested
  @KernelTest
  class BesideAnAgent {
    private final List<AutoCloseable> open = new ArrayList<>();
    private TestCgroup group;
    private Child agent;
    private Socket client;
    private Socket server;
    private int id;

    @BeforeEach
    void startAgent() throws Exception {
      group = add(TestCgroup.create());
      agent = add(Child.start("agent", "--cgroup", group.path().toString()));
      assertThat(agent.line()).isEqualTo("READY");
      connect();
      id = find();
    }

    @AfterEach
    void closeAll() throws Exception {
      for (AutoCloseable resource : open.reversed()) {
        resource.close();
      }
      assertThat(agent.status()).isNotNegative(); // else its group can't be removed
      group.close();
    }

    private <T extends AutoCloseable> T add(T resource) {
      if (!(resource instanceof TestCgroup)) { // which goes last
        open.add(resource);
      }
      return resource;
    }

    private void connect() throws IOException {
      group.enter();
      try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        client = add(new Socket(listener.getInetAddress(), listener.getLocalPort()));
        server = add(listener.accept());
      } finally {
        group.leave();
      }
    }

    /** Other agents may run on this machine: ours is the one that has our connection. */
    private int find() {
      List<RunningBypass> all = RunningBypass.find();
      try {
        return all.stream().filter(this::hasConnection).findAny().orElseThrow().id();
      } finally {
        all.forEach(RunningBypass::close);
      }
    }

    private boolean hasConnection(RunningBypass running) {
      try {
        return running.flows().snapshot().stream()
            .anyMatch(flow -> flow.key().local().getPort() == client.getLocalPort());
      } catch (BpfException e) {
        return false; // of another version, or just ending
      }
    }

    private void send(int bytes) throws IOException {
      client.getOutputStream().write(new byte[bytes]);
    }

    private Child ours(String arguments) throws IOException {
      return flows("--agent " + id + " " + arguments);
    }

    private String output(String arguments) throws Exception {
      try (Child flows = ours(arguments)) {
        String output = flows.output();
        assertThat(flows.errors()).isEmpty();
        assertThat(flows.status()).isZero();
        return output;
      }
    }

    @Test
    void whereThereIsNoTerminalFlowsAreShownOnceInATable() throws Exception {
      send(12_345);
      List<String> lines = output("").lines().toList();

      assertThat(lines).hasSize(4);
      assertThat(lines.get(0)).isEqualTo("agent " + id + ": 2 flows");
      assertThat(lines.get(1)).startsWith("LOCAL").endsWith("QUEUED");
      assertThat(lines.get(2))
          .startsWith("127.0.0.1:" + client.getLocalPort())
          .contains("127.0.0.1:" + server.getLocalPort(), "client", "redirected", "12.1 KiB");
      assertThat(lines.get(3)).startsWith("127.0.0.1:" + server.getLocalPort()).contains("server");
    }

    @Test
    void theLargestComesFirst() throws Exception {
      int first = client.getLocalPort();
      send(10);
      connect();
      send(5);
      send(4);
      assertThat(output("--limit 1").lines().skip(2)).hasSize(2).last().isEqualTo("(3 more)");
      assertThat(output("--sort bytes").lines().toList().get(2)).startsWith("127.0.0.1:" + first);
      assertThat(output("--sort messages").lines().toList().get(2))
          .startsWith("127.0.0.1:" + client.getLocalPort());
    }

    @Test
    void aJsonDocumentTellsEverything() throws Exception {
      send(3);
      assertThat(output("--json").lines())
          .singleElement()
          .asString()
          .startsWith("{\"time\":\"")
          .contains("\"agents\":[{\"agent\":" + id + ",\"total\":2,\"flows\":[{")
          .contains("\"local\":\"127.0.0.1:" + client.getLocalPort() + "\"")
          .contains("\"messages\":1,\"bytes\":3,\"tcp\":{}")
          .contains("\"messages\":0,\"bytes\":0,\"tcp\":{}")
          .endsWith("]}]}");
    }

    @Test
    void flowsAreRefreshedUntilASignal() throws Exception {
      try (Child flows = ours("--json --interval 1")) {
        assertThat(flows.line()).contains("\"total\":2");
        connect();
        assertThat(Stream.generate(() -> nextLine(flows)).limit(3))
            .anyMatch(line -> line.contains("\"total\":4"));
        flows.signal("INT");
        assertThat(flows.status()).isZero();
      }
    }

    @Test
    void whatNobodyReadsAnyMoreEnds() throws Exception {
      try (Child flows = ours("--json --interval 1");
          Child events = ours("--events")) {
        assertThat(flows.line()).isNotNull();
        flows.closeOutput();
        while (!events.hasOutput()) {
          connect();
          Thread.sleep(200);
        }
        events.closeOutput();
        connect();
        assertThat(flows.status()).isZero();
        assertThat(events.status()).isZero();
      }
    }

    @Test
    void servicesAreShownByTheirAddress() throws Exception {
      assertThat(output("--services").lines())
          .hasSize(3)
          .last()
          .asString()
          .startsWith("127.0.0.1:" + server.getLocalPort())
          .contains("all", "never");
      assertThat(output("--services --json"))
          .contains("\"service\":\"127.0.0.1:" + server.getLocalPort() + "\"");
    }

    @Test
    void eventsAreShownAsTheyHappenToOneAtATime() throws Exception {
      try (Child events = ours("--events")) {
        String line = null;
        while (line == null) {
          connect(); // until the other one listens
          Thread.sleep(200);
          line = events.hasOutput() ? events.line() : null;
        }
        assertThat(line).contains("paired", "127.0.0.1:");
        try (Child second = ours("--events --json")) {
          assertThat(second.status()).isEqualTo(1);
          assertThat(second.errors().lines())
              .singleElement()
              .asString()
              .contains("process " + events.pid() + " does");
        }
        events.signal("TERM");
        assertThat(events.status()).isZero();
      }
      assertThat(output("")).contains("flows"); // and the agent goes on
    }

    @Test
    void listeningEndsWithTheAgent() throws Exception {
      try (Child events = ours("--events --json")) {
        while (!events.hasOutput()) {
          connect();
          Thread.sleep(200);
        }
        assertThat(events.line()).contains("\"event\":\"paired\"", "\"peer\":{");
        agent.signal("TERM");
        assertThat(events.status()).isEqualTo(1);
        assertThat(events.errors().lines())
            .singleElement()
            .asString()
            .contains("the agent has ended");
      }
    }

    private static String nextLine(Child child) {
      try {
        return child.line();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static Child flows(String arguments) throws IOException {
    return Child.start(("flows " + arguments).strip().split(" +"));
  }
}
