// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.examples.rig.TestMesh;
import io.github.jbypass.examples.rig.TestMesh.Place;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.PodPolicy;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.testing.KernelTest;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers answer through two sidecars as they answer without them. */
@KernelTest
@Timeout(120)
class ApplicationsTest {
  private static final int DNS_PORT = 53;

  private TestMesh mesh;
  private Bypass bypass;

  @BeforeEach
  void startMesh() throws Exception {
    mesh = TestMesh.start("applications");
    bypass = Bypass.builder().cgroup(mesh.cgroup()).intercept(Mesh.ISTIO).load().attach();
    mesh.startSidecars();
  }

  @AfterEach
  void removeMesh() {
    try (var _ = mesh;
        var _ = bypass) {
      assertThat(mesh.netfilter()).isEmpty();
    }
  }

  private void intercept() {
    var dns = PodPolicy.builder().captureDns(true).build();
    bypass.pods().set(List.of(mesh.pod(Place.A).policy(dns).build(), mesh.pod(Place.B).build()));
  }

  @Test
  void redis() throws Exception {
    String[] server = {
      "redis-server",
      "--port",
      "6379",
      "--bind",
      Place.B.ipv4(),
      "--save",
      "",
      "--protected-mode",
      "no"
    };
    mesh.startServer(Place.B, "redis", 6379, server);
    Path commands = Files.writeString(mesh.directory().resolve("commands"), redisCommands());
    String[] client = {
      "sh", "-c", "redis-cli -h \"$0\" < \"$1\"", Place.B.ipv4(), commands.toString()
    };
    String[] pipelines = {
      "redis-benchmark",
      "-h",
      Place.B.ipv4(),
      "-q",
      "-n",
      "3000",
      "-c",
      "20",
      "-P",
      "16",
      "-d",
      "700",
      "-t",
      "set,get,lpush,lrange_100"
    };

    String without = mesh.run(Place.A, client);
    intercept();

    assertThat(mesh.run(Place.A, client)).isEqualTo(without).contains("third", "WRONGTYPE");
    assertThat(mesh.run(Place.A, pipelines)).contains("LRANGE_100").doesNotContain("rror");
    assertIntercepted();
  }

  private static String redisCommands() {
    StringBuilder commands = new StringBuilder("FLUSHALL\n");
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      String value = Long.toHexString(random.nextLong()).repeat(1 + random.nextInt(500));
      commands.append("SET key%d %s\nGET key%d\n".formatted(i, value, i));
    }
    return commands + "RPUSH list first second third\nLRANGE list 0 -1\nINCR list\nDBSIZE\n";
  }

  @Test
  void nginx() throws Exception {
    Path www = Files.createDirectory(mesh.directory().resolve("served"));
    byte[] content = new byte[3_000_000];
    new Random(1).nextBytes(content);
    Files.write(www.resolve("large"), content);
    for (Path path : List.of(www, www.resolve("large"))) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    mesh.startNginx(Place.B, www);
    List<String> requests =
        List.of(
            "GET /large HTTP/1.1",
            "GET /large HTTP/1.1\r\nRange: bytes=1000-70000",
            "HEAD /large HTTP/1.1",
            "GET /none HTTP/1.1",
            "nonsense");

    List<String> without = ask(requests);
    intercept();

    assertThat(ask(requests)).isEqualTo(without);
    assertThat(without.getFirst()).endsWith(new String(content, StandardCharsets.ISO_8859_1));
    assertIntercepted();
  }

  private List<String> ask(List<String> requests) throws IOException {
    var answers = new ArrayList<String>();
    for (String request : requests) {
      InetSocketAddress server = new InetSocketAddress(Place.B.ipv4(), TestMesh.NGINX_PORT);
      try (SocketChannel socket = mesh.in(Place.A, () -> SocketChannel.open(server))) {
        String all = request + "\r\nHost: b\r\nConnection: close\r\n\r\n";
        socket.write(ByteBuffer.wrap(all.getBytes(StandardCharsets.ISO_8859_1)));
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        Channels.newInputStream(socket).transferTo(answer);
        String text = answer.toString(StandardCharsets.ISO_8859_1);
        answers.add(text.replaceFirst("Date: [^\r]*", ""));
      }
    }
    return answers;
  }

  @Test
  void dns() throws Exception {
    startDns(Place.B, "dns", DNS_PORT, "--address=/b.test/10.1.2.3", "--txt-record=b.test,one,two");
    startDns(Place.A, "sidecar-dns", 15_053, "--no-negcache", "--server=" + Place.B.ipv4());
    List<byte[]> queries =
        List.of(query(1, "b.test", 1), query(2, "b.test", 16), query(3, "none.example", 1));

    List<String> without = resolve(queries);
    intercept();

    assertThat(resolve(queries)).isEqualTo(without);
    assertThat(mesh.output(Place.A, "sidecar-dns"))
        .as("the sidecar was asked")
        .anySatisfy(line -> assertThat(line).contains("query[A] b.test from 127.0.0.1"));
  }

  /** In the sidecar's group, so that what it asks in turn is left alone. */
  private void startDns(Place pod, String name, int port, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("setpriv", "--regid=1337", "--clear-groups"));
    command.addAll(List.of("dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-resolv"));
    command.addAll(List.of("--no-hosts", "--pid-file=", "--log-queries", "--port=" + port));
    command.addAll(List.of(options));
    mesh.startServer(pod, name, port, command.toArray(String[]::new));
  }

  /** The answers and who sent them, asked by a connected socket, an unconnected one and TCP. */
  private List<String> resolve(List<byte[]> queries) throws IOException {
    var answers = new ArrayList<String>();
    InetSocketAddress server = new InetSocketAddress(Place.B.ipv4(), DNS_PORT);
    for (byte[] query : queries) {
      try (DatagramChannel socket = mesh.in(Place.A, DatagramChannel::open)) {
        socket.send(ByteBuffer.wrap(query), server);
        answers.add(answer(socket));
      }
      try (DatagramChannel socket =
          mesh.in(Place.A, () -> DatagramChannel.open().connect(server))) {
        socket.write(ByteBuffer.wrap(query));
        answers.add(answer(socket));
        assertThat(socket.getRemoteAddress()).isEqualTo(server);
      }
      try (SocketChannel socket = mesh.in(Place.A, () -> SocketChannel.open(server))) {
        socket.write(
            ByteBuffer.allocate(query.length + 2).putShort((short) query.length).put(query).flip());
        var input = new DataInputStream(Channels.newInputStream(socket));
        answers.add(HexFormat.of().formatHex(input.readNBytes(input.readUnsignedShort())));
      }
    }
    return answers;
  }

  private static String answer(DatagramChannel socket) throws IOException {
    socket.socket().setSoTimeout(5000);
    var packet = new DatagramPacket(new byte[1500], 1500);
    socket.socket().receive(packet);
    return packet.getSocketAddress()
        + " "
        + HexFormat.of().formatHex(packet.getData(), 0, packet.getLength());
  }

  private static byte[] query(int id, String name, int type) {
    ByteBuffer query = ByteBuffer.allocate(512);
    query.putShort((short) id).putShort((short) 0x0100).putShort((short) 1);
    query.putShort((short) 0).putInt(0);
    for (String label : name.split("\\.")) {
      query.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
    }
    query.put((byte) 0).putShort((short) type).putShort((short) 1);
    return Arrays.copyOf(query.array(), query.position());
  }

  private void assertIntercepted() {
    assertThat(bypass.counters().get(Counter.CONNECTIONS_INTERCEPTED)).isPositive();
  }
}
