// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.Pod;
import io.github.jbypass.programs.testing.DataPath;
import io.github.jbypass.programs.testing.Errno;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Host;
import io.github.jbypass.programs.testing.Mode;
import io.github.jbypass.programs.testing.OptionAnswer;
import io.github.jbypass.programs.testing.OriginalDestination;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PodNetwork;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.testing.KernelTest;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The program that answers SO_ORIGINAL_DST sees every getsockopt of the cgroup, and must leave all
 * others as they are: each socket is asked while it runs, and again when it is gone.
 */
@KernelTest
class GetsockoptTest {
  private static final int SOL_IP = OriginalDestination.SOL_IP;
  private static final int SOL_IPV6 = OriginalDestination.SOL_IPV6;
  private static final int SOL_SOCKET = 1;
  private static final int SOL_TCP = 6;
  private static final int[] SIZES = {0, 1, 4, 16, 28, 128, 4096, 8192};

  /** Is getpeername by another name. */
  private static final Name SO_PEERNAME = new Name(SOL_SOCKET, 28);

  /** Would open a file each time. */
  private static final Name SO_PEERPIDFD = new Name(SOL_SOCKET, 77);

  /** Times and memory in use, which differ from moment to moment. */
  private static final Set<Name> CHANGING =
      Set.of(
          new Name(SOL_TCP, 11), // TCP_INFO
          new Name(SOL_TCP, 24), // TCP_TIMESTAMP
          new Name(SOL_TCP, 26), // TCP_CC_INFO
          new Name(SOL_SOCKET, 49), // SO_INCOMING_CPU
          new Name(SOL_SOCKET, 55)); // SO_MEMINFO

  private final Resources resources = new Resources();
  private PodNetwork network;
  private Host host;
  private DataPath path;

  private record Name(int level, int number) {}

  private record Question(String socket, Name name, String buffer) {}

  @BeforeEach
  void open() {
    network = resources.add(PodNetwork.create());
    host = network.addHost();
    path = resources.add(DataPath.open(Mode.ACCELERATED, builder -> builder.intercept(Mesh.ISTIO)));
    path.bypass()
        .pods()
        .add(Pod.named("pod").address(host.ipv4()).namespace(host.networkNamespace()).build());
  }

  @AfterEach
  void closeAll() {
    resources.close();
  }

  @Test
  void everyOtherOptionIsAsWithoutUs() {
    Map<String, PosixSocket> sockets = sockets();
    Map<Question, OptionAnswer> with = askAll(sockets);
    path.bypass().close();
    Map<Question, OptionAnswer> without = askAll(sockets);

    List<String> differences = new ArrayList<>();
    with.forEach(
        (question, answer) -> {
          if (!answer.equals(without.get(question))) {
            differences.add(question + ": " + answer + " and not " + without.get(question));
          }
        });
    assertEquals(List.of(), differences);
    assertTrue(with.keySet().stream().map(Question::name).distinct().count() >= 200);
    assertTrue(
        with.values().stream().filter(answer -> answer.errno() == 0).count() >= 1000,
        "too few options exist for the test to mean anything");
  }

  @Test
  void theOriginalDestinationNeedsAsMuchRoomAsWithIptables() {
    PosixSocket ipv4 = lead(Family.IPV4).server();
    PosixSocket ipv6 = lead(Family.IPV6).server();
    for (int size : SIZES) {
      assertAnswer(ipv4, SOL_IP, size, 16);
      assertAnswer(ipv6, SOL_IPV6, size, 28);
    }
  }

  private static void assertAnswer(PosixSocket socket, int level, int size, int needed) {
    OptionAnswer answer = socket.option(level, OriginalDestination.SO_ORIGINAL_DST, size);
    if (size < needed) {
      assertEquals(Errno.EINVAL.number(), answer.errno(), size + " bytes");
      assertEquals(size, answer.length());
      assertArrayEquals(filled(size), answer.bytes());
    } else {
      assertEquals(0, answer.errno(), size + " bytes");
      assertEquals(needed, answer.length());
      byte[] rest = Arrays.copyOfRange(answer.bytes(), needed, size);
      assertArrayEquals(filled(size - needed), rest, "written beyond the address");
    }
  }

  private static byte[] filled(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) 0x5A);
    return bytes;
  }

  /** What the kernel says then depends on whether connection tracking is loaded. */
  @Test
  void whoeverWasNotLedHasNoOriginalDestination() {
    List<PosixSocket> sockets =
        List.of(lead(Family.IPV4).client(), resources.add(host.listen(Family.IPV4, 8080)));
    List<OptionAnswer> with = sockets.stream().map(GetsockoptTest::originalDestination).toList();
    path.bypass().close();
    assertEquals(sockets.stream().map(GetsockoptTest::originalDestination).toList(), with);
    with.forEach(answer -> assertNotEquals(0, answer.errno()));
  }

  private static OptionAnswer originalDestination(PosixSocket socket) {
    return socket.option(SOL_IP, OriginalDestination.SO_ORIGINAL_DST, 16);
  }

  @Test
  void anAnswerOfSeveralPagesIsWhole() {
    final int ipMsfilter = 41;
    final int sources = 3000;
    host.namespace().sysctl("ipv4/igmp_max_msf", Integer.toString(sources));
    ByteBuffer filter = ByteBuffer.allocate(16 + 4 * sources).order(ByteOrder.BIG_ENDIAN);
    filter.put(new byte[] {(byte) 239, 1, 2, 3}).put(host.ipv4().getAddress());
    filter.order(ByteOrder.nativeOrder()).putInt(1).putInt(sources).order(ByteOrder.BIG_ENDIAN);
    for (int i = 0; i < sources; i++) {
      filter.putInt(0x0A000001 + i);
    }
    PosixSocket socket = resources.add(host.udp(Family.IPV4));
    byte[] membership = Arrays.copyOf(filter.array(), 8);
    socket.setOption(SOL_IP, 35, membership); // IP_ADD_MEMBERSHIP
    socket.setOption(SOL_IP, ipMsfilter, filter.array());
    OptionAnswer answer = socket.option(SOL_IP, ipMsfilter, filter.array());
    assertEquals(0, answer.errno());
    assertEquals(filter.capacity(), answer.length());
    assertArrayEquals(filter.array(), answer.bytes());
  }

  /** It asks for all rules at once, by an option of the number that ours has at another level. */
  @Test
  void aLargeRulesetOfIptablesIsWhole() {
    assumeTrue(
        Stream.of("/sbin", "/usr/sbin")
            .anyMatch(folder -> Files.exists(Path.of(folder, "iptables-legacy-save"))),
        "iptables-legacy is not installed");
    StringBuilder rules = new StringBuilder("*filter\\n");
    IntStream.range(0, 300)
        .forEach(
            i -> rules.append("-A INPUT -s 10.1.%d.%d -j DROP\\n".formatted(i / 250, i % 250)));
    rules.append("COMMIT\\n");
    String load = "printf '" + rules + "' | iptables-legacy-restore";
    host.namespace().execute("sh", "-c", load);
    String save = "iptables-legacy-save | grep -v '^#'";
    String inside = host.namespace().execute("sh", "-c", save);
    String outside = path.outside(() -> host.namespace().execute("sh", "-c", save));
    assertTrue(inside.lines().count() > 300, inside);
    assertEquals(outside, inside);
  }

  private Map<String, PosixSocket> sockets() {
    Map<String, PosixSocket> sockets = new LinkedHashMap<>();
    for (Family family : new Family[] {Family.IPV4, Family.IPV6, Family.MAPPED_SERVER}) {
      Pair led = lead(family);
      sockets.put(family + " application", led.client());
      sockets.put(family + " sidecar", led.server());
      sockets.put(family + " listener", resources.add(host.listen(family, 0)));
      sockets.put(family + " unconnected", resources.add(host.client(family)));
      sockets.put(family + " UDP", resources.add(host.udp(family)));
    }
    sockets.put("UNIX", resources.add(PosixSocket.unix()));
    return sockets;
  }

  private Pair lead(Family family) {
    try (PosixSocket sidecar = host.listenOnLoopback(family, 15_001)) {
      String target = family == Family.IPV6 ? "fd77::1" : "10.77.0.1";
      return resources.add(
          Pair.connect(
              host.client(family), sidecar, new InetSocketAddress(Family.address(target), 80)));
    }
  }

  private static Map<Question, OptionAnswer> askAll(Map<String, PosixSocket> sockets) {
    Map<Question, OptionAnswer> answers = new LinkedHashMap<>();
    sockets.forEach(
        (kind, socket) -> {
          for (Name name : names()) {
            if (isOurs(kind, name)) {
              continue;
            }
            for (int size : SIZES) {
              OptionAnswer answer = socket.option(name.level, name.number, size);
              answers.put(new Question(kind, name, size + " bytes"), comparable(name, answer));
            }
            answers.put(
                new Question(kind, name, "nowhere"),
                socket.optionWithoutBuffer(name.level, name.number, 4));
          }
        });
    return answers;
  }

  private static boolean isOurs(String kind, Name name) {
    if (kind.endsWith("application")) {
      return name.equals(SO_PEERNAME);
    }
    return kind.endsWith("sidecar")
        && name.number == OriginalDestination.SO_ORIGINAL_DST
        && (name.level == SOL_IP || name.level == SOL_IPV6);
  }

  private static OptionAnswer comparable(Name name, OptionAnswer answer) {
    return CHANGING.contains(name) ? new OptionAnswer(answer.errno(), answer.length(), "") : answer;
  }

  private static List<Name> names() {
    List<Name> names = new ArrayList<>();
    add(names, SOL_SOCKET, 1, 84);
    add(names, SOL_IP, 1, 84);
    add(names, SOL_IPV6, 1, 84);
    add(names, SOL_TCP, 1, 50);
    add(names, 17, 1, 1); // UDP_CORK
    add(names, 17, 100, 104);
    add(names, 282, 1, 4); // SOL_TLS
    add(names, 9999, 79, 81); // no level at all
    names.remove(SO_PEERPIDFD);
    return names;
  }

  private static void add(List<Name> names, int level, int first, int last) {
    IntStream.rangeClosed(first, last).forEach(number -> names.add(new Name(level, number)));
  }
}
