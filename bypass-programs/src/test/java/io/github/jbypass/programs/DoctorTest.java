// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.Posix.POLLERR;
import static io.github.jbypass.programs.testing.Posix.POLLIN;
import static io.github.jbypass.programs.testing.Posix.POLLPRI;
import static io.github.jbypass.programs.testing.PosixSocket.MSG_OOB;
import static io.github.jbypass.programs.testing.PosixSocket.MSG_PEEK;
import static io.github.jbypass.programs.testing.PosixSocket.MSG_WAITALL;
import static io.github.jbypass.programs.testing.PosixSocket.MSG_ZEROCOPY;
import static io.github.jbypass.programs.testing.SocketOption.SO_RCVLOWAT;
import static io.github.jbypass.programs.testing.SocketOption.SO_ZEROCOPY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.programs.testing.Agent;
import io.github.jbypass.programs.testing.Background;
import io.github.jbypass.programs.testing.Content;
import io.github.jbypass.programs.testing.DataPath;
import io.github.jbypass.programs.testing.Errno;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Mode;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Posix;
import io.github.jbypass.programs.testing.PosixException;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@KernelTest
@Timeout(300)
class DoctorTest {
  private static final Content CONTENT = new Content(21);
  private static final Duration SOON = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Checks that need plain TCP to compare with. */
  private static final Set<String> MEASURED = Set.of("so_sndbuf", "tcp_notsent_lowat");

  private static Diagnosis diagnosis;
  private static Duration time;
  private static List<String> left;

  @BeforeAll
  static void examine() throws IOException {
    var before = traces();
    long start = System.nanoTime();
    diagnosis = Doctor.examine();
    time = Duration.ofNanos(System.nanoTime() - start);
    left = new ArrayList<>(traces());
    left.removeAll(before);
  }

  /** What a doctor could leave: its group, being in it, and descriptors of BPF and sockets. */
  private static Set<String> traces() throws IOException {
    var traces = new HashSet<String>();
    try (var groups = Files.list(Cgroup.mountPoint())) {
      groups
          .map(Path::toString)
          .filter(name -> name.endsWith("jbypass-doctor-" + ProcessHandle.current().pid()))
          .forEach(traces::add);
    }
    traces.add("in " + Cgroup.ofThisProcess());
    for (var fd : Path.of("/proc/self/fd").toFile().list()) {
      var link = Path.of("/proc/self/fd", fd);
      if (Files.isSymbolicLink(link)) {
        var target = Files.readSymbolicLink(link).toString();
        if (target.matches("(anon_inode:.*bpf|socket:|pipe:).*")) {
          traces.add(target + " " + fd);
        }
      }
    }
    return traces;
  }

  private static Verdict verdict(String check) {
    return finding(diagnosis, check).verdict();
  }

  private static Finding finding(Diagnosis diagnosis, String check) {
    return diagnosis.finding(check).orElseThrow(() -> new AssertionError("no " + check));
  }

  @Test
  @DisabledIfSystemProperty(
      named = "jbypass.test.brief",
      matches = "true",
      disabledReason = "an emulated processor takes longer")
  void itTakesLessThanTenSeconds() {
    assertThat(time).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void itLeavesNothingBehind() {
    assertThat(left).isEmpty();
  }

  @Test
  void whereTheDataPathCanWorkItSaysSo() {
    assertThat(diagnosis.works()).isTrue();
    assertThat(verdict("load")).isEqualTo(Verdict.OK);
  }

  @Test
  void eachFindingHasANameOfItsOwnAndSaysWhatWasSeen() {
    assertThat(diagnosis.findings()).extracting(Finding::check).doesNotHaveDuplicates();
    assertThat(diagnosis.findings()).extracting(Finding::notice).doesNotContain("");
    assertThat(diagnosis.findings())
        .filteredOn(finding -> finding.area() == Finding.Area.BEHAVIOUR)
        .filteredOn(finding -> finding.verdict() == Verdict.DIFFERS)
        .isNotEmpty()
        .extracting(Finding::remedy)
        .doesNotContain("");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ipv4",
        "ipv6",
        "order",
        "backpressure",
        "half_close",
        "eof",
        "epoll_level",
        "epoll_edge"
      })
  void whatNothingWorksWithoutIsAsOnTcp(String check) {
    assertThat(verdict(check)).isEqualTo(Verdict.OK);
  }

  /** Does the same with sockets of this test: true if it is as on TCP. */
  private interface Observation extends Predicate<Pair> {}

  static Stream<Arguments> observations() {
    return Stream.of(
        observation("close_with_unread_bytes", DoctorTest::resetsTheSender),
        observation("msg_oob", DoctorTest::isUrgent),
        observation("splice_from_socket", DoctorTest::splices),
        observation("msg_waitall", DoctorTest::waitsForAll),
        observation("so_rcvlowat", DoctorTest::waitsForEnough),
        observation("msg_zerocopy", DoctorTest::completes),
        observation("blocking_recv", DoctorTest::tellsOfAReset),
        observation("msg_peek", DoctorTest::peeks));
  }

  private static Arguments observation(String check, Observation observation) {
    return Arguments.of(check, observation);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("observations")
  void aVerdictIsWhatThisTestSeesToo(String check, Observation observation) {
    boolean same;
    try (var path = DataPath.open(Mode.ACCELERATED);
        var pair = Pair.connect(Family.IPV4)) {
      same = observation.test(pair);
      path.assertRedirected();
    }
    assertThat(verdict(check)).isEqualTo(same ? Verdict.OK : Verdict.DIFFERS);
  }

  private static boolean resetsTheSender(Pair pair) {
    pair.client().sendAll(new byte[10]);
    pair.server().poll(POLLIN, PATIENCE);
    pair.server().close();
    Eventually.pause(SOON);
    return errno(() -> pair.client().receive(1)) == Errno.ECONNRESET;
  }

  private static boolean isUrgent(Pair pair) {
    pair.client().send(new byte[3]);
    pair.client().send(new byte[1], MSG_OOB);
    Eventually.pause(SOON);
    return (pair.server().poll(POLLIN | POLLPRI, PATIENCE) & POLLPRI) != 0;
  }

  private static boolean splices(Pair pair) {
    pair.client().sendAll(new byte[10]);
    pair.server().poll(POLLIN, PATIENCE);
    pair.server().nonBlocking(true);
    try (var pipe = Posix.pipe()) {
      int flags = Posix.SPLICE_F_NONBLOCK;
      return errno(() -> Posix.splice(pair.server().fd(), pipe.writer(), 10, flags)) == null;
    }
  }

  private static boolean waitsForAll(Pair pair) {
    pair.client().sendAll(new byte[10]);
    pair.server().poll(POLLIN, PATIENCE);
    var reading = Background.call(() -> pair.server().receive(20, MSG_WAITALL));
    Eventually.pause(SOON);
    pair.client().sendAll(new byte[10]);
    return reading.join().length == 20;
  }

  private static boolean waitsForEnough(Pair pair) {
    pair.server().set(SO_RCVLOWAT, 20);
    pair.client().sendAll(new byte[10]);
    return pair.server().poll(POLLIN, SOON) == 0;
  }

  private static boolean completes(Pair pair) {
    pair.client().set(SO_ZEROCOPY, 1);
    pair.client().send(CONTENT.bytes(0, 10_000), MSG_ZEROCOPY);
    pair.server().receiveFully(10_000);
    return pair.client().poll(0, SOON) == POLLERR;
  }

  private static boolean tellsOfAReset(Pair pair) {
    pair.client().sendAll(new byte[1]);
    pair.server().receiveFully(1);
    var waiting = Background.call(() -> errno(() -> pair.server().receive(1)));
    Eventually.pause(SOON);
    pair.client().resetOnClose().close();
    return waiting.join() == Errno.ECONNRESET;
  }

  private static boolean peeks(Pair pair) {
    pair.client().sendAll(CONTENT.bytes(0, 10));
    pair.server().poll(POLLIN, PATIENCE);
    return pair.server().receive(10, MSG_PEEK).length == 10
        && pair.server().receive(10).length == 10;
  }

  private static Errno errno(Runnable call) {
    try {
      call.run();
      return null;
    } catch (PosixException e) {
      return e.errno();
    }
  }

  /** Which the library finds out by itself, by other means. */
  @Test
  void whetherFionreadNeedsRepairIsWhatLoadingFindsOut() {
    FionreadSupport support;
    try (var path = DataPath.open(Mode.ACCELERATED)) {
      support = path.bypass().fionread();
    }
    var verdicts = List.of(verdict("fionread_redirected"), verdict("fionread_tcp"));
    switch (support) {
      case EXACT -> assertThat(verdicts).containsOnly(Verdict.OK);
      case REPAIRED ->
          assertThat(verdicts).contains(Verdict.REPAIRED).doesNotContain(Verdict.DIFFERS);
      case INEXACT -> assertThat(verdicts).contains(Verdict.DIFFERS);
    }
  }

  @Test
  void whatIsLeftToTcpIsCalledExcluded() {
    assertThat(verdict("earlier_connection")).isEqualTo(Verdict.EXCLUDED);
    assertThat(verdict("mptcp")).isIn(Verdict.EXCLUDED, Verdict.NOT_TRIED);
  }

  @Test
  void anAgentOnTheGroupIsToldAndGoesOn() {
    try (var group = TestCgroup.create();
        var agent = Agent.start(group.path())) {
      var beside = Doctor.examine(group.cgroup());

      assertThat(finding(beside, "agents").notice()).startsWith("running, by their number: ");
      assertThat(finding(beside, "sock_ops_programs"))
          .satisfies(
              finding -> {
                assertThat(finding.verdict()).isEqualTo(Verdict.DIFFERS);
                assertThat(finding.notice()).contains("track_connectio of jbypass");
                assertThat(finding.remedy()).startsWith("an agent serves this group already");
              });
      assertThat(finding(beside, "order").verdict()).isEqualTo(Verdict.OK);
      assertThat(agent.redirected()).as("the doctor's own sockets are not the agent's").isZero();
      assertRedirects(group, agent);
    }
  }

  /** Then there is no plain TCP to compare with: the agent redirects that as well. */
  @Test
  void belowTheGroupOfAnAgentItTellsTheSame() {
    try (var group = TestCgroup.create();
        var agent = Agent.start(group.path())) {
      var below = Doctor.examine(group.cgroup(), List.of(group.cgroup()));

      assertThat(below.works()).isTrue();
      assertThat(below.findings())
          .filteredOn(finding -> finding.area() == Finding.Area.BEHAVIOUR)
          .filteredOn(finding -> !MEASURED.contains(finding.check()))
          .extracting(Finding::verdict)
          .isEqualTo(
              diagnosis.findings().stream()
                  .filter(finding -> finding.area() == Finding.Area.BEHAVIOUR)
                  .filter(finding -> !MEASURED.contains(finding.check()))
                  .map(Finding::verdict)
                  .toList());
      assertThat(MEASURED)
          .allSatisfy(
              check -> assertThat(finding(below, check).verdict()).isEqualTo(Verdict.NOT_TRIED));
      assertRedirects(group, agent);
    }
  }

  private static void assertRedirects(TestCgroup group, Agent agent) {
    long before = agent.redirected();
    group.enter();
    try (var pair = Pair.connect(Family.IPV4)) {
      pair.client().sendAll(new byte[10]);
      assertThat(pair.server().receiveFully(10)).hasSize(10);
    } finally {
      group.leave();
    }
    assertThat(agent.redirected()).isEqualTo(before + 1);
  }

  @Test
  void aSocketMapOfAnotherIsTold() {
    try (var group = TestCgroup.create();
        var other = Bypass.builder().cgroup(group.cgroup()).load()) { // not attached: no agent
      var socketMap = other.object().map("sockets").info().id();

      assertThat(finding(Doctor.examine(), "socket_maps").notice())
          .contains("SOCKHASH sockets " + socketMap);
    }
  }

  @Test
  void anInterruptedExaminationCleansUp() throws IOException {
    var before = traces();
    Thread.currentThread().interrupt();
    try {
      assertThrows(IllegalStateException.class, Doctor::examine);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(traces()).isEqualTo(before);
  }

  @Test
  void whatAKilledOneHasLeftIsRemoved() {
    var orphan = Cgroup.at(Cgroup.mountPoint()).createChild("jbypass-doctor-" + Integer.MAX_VALUE);
    Doctor.examine();
    assertThat(orphan.path()).doesNotExist();
  }
}
