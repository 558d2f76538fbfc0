// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.jbypass.core.internal.TrialSocket;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class AttachTest {
  private TestCgroup group;
  private BpfObject object;

  @BeforeEach
  void loadTheFixture() {
    group = TestCgroup.create();
    object = Fixture.load();
  }

  @AfterEach
  void release() {
    object.close();
    group.close();
  }

  private long runs() {
    return object.global("runs").get(JAVA_LONG, 0);
  }

  private void connect() throws IOException {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      assertThat(client.isConnected()).isTrue();
    }
  }

  @Test
  void anAttachedProgramRunsForItsGroupOnlyAndUntilItIsDetached() throws IOException {
    var link = object.program("count_runs").attach(group.cgroup());
    assertThat(link).isInstanceOf(KernelLink.class);
    connect();
    assertThat(runs()).isZero();

    group.enter();
    connect();
    long counted = runs();
    assertThat(counted).isPositive();

    link.close();
    link.close();
    connect();
    assertThat(runs()).isEqualTo(counted);
  }

  @Test
  void theKernelTellsWhatAProgramCosts() throws IOException {
    var program = object.program("count_runs");
    try (var _ = KernelStatistics.enable();
        var _ = program.attach(group.cgroup())) {
      group.enter();
      connect();
      group.leave();
    }

    assertThat(program.id()).isPositive();
    assertThat(program.statistics().runs()).isEqualTo(runs());
    assertThat(program.statistics().nanoseconds()).isPositive();
  }

  /** Puts a new socket into the map, sends on it, and tells how often pass_message ran for it. */
  private long messagesSeen(BpfMap sockets) {
    try (var arena = Arena.ofConfined();
        var looped = TrialSocket.looped()) {
      var key = arena.allocateFrom(JAVA_LONG, looped.fd());
      var socket = arena.allocateFrom(JAVA_LONG, looped.fd());
      long before = runs();
      sockets.update(key, socket, UpdateMode.NO_EXIST);
      looped.send(new byte[1], 0);
      sockets.delete(key);
      return runs() - before;
    }
  }

  @Test
  void aSocketProgramRunsForSocketsThatAreEnrolledWhileItIsAttached() {
    var sockets = object.map("sockets");
    var link = object.program("pass_message").attach(sockets);
    assertThat(messagesSeen(sockets)).isEqualTo(1);

    link.close();
    assertThat(messagesSeen(sockets)).isZero();
    object.program("pass_message").attach(sockets).close();
  }

  @Test
  void programsOfDifferentKindsShareASocketMap() {
    var sockets = object.map("sockets");
    try (var message = object.program("pass_message").attach(sockets);
        var stream = object.program("pass_stream").attach(sockets)) {
      var kind = Kernel.hasSocketMapLinks() ? "link" : "attachment";
      assertThat(message).hasToString(kind + " of program pass_message to map sockets");
      assertThat(stream).hasToString(kind + " of program pass_stream to map sockets");
    }
  }

  @Test
  void withoutLinksForSocketMapsAProgramIsAttachedDirectly() {
    var sockets = object.map("sockets");
    var attachment = object.program("pass_message").attachDirectly(sockets);
    assertThat(attachment).isInstanceOf(DirectAttachment.class);
    assertThat(messagesSeen(sockets)).isEqualTo(1);

    attachment.close();
    attachment.close();
    assertThat(messagesSeen(sockets)).isZero();
  }

  @Test
  void aDirectAttachmentOutlivesTheObject() {
    var attachment = object.program("pass_message").attachDirectly(object.map("sockets"));
    object.close();

    attachment.close(); // with descriptors of its own
  }

  @Test
  void aDirectAttachmentThatWasReplacedClosesQuietly() {
    var sockets = object.map("sockets");
    try (var other = Fixture.load()) {
      var first = object.program("pass_message").attachDirectly(sockets);
      var second = other.program("pass_message").attachDirectly(sockets);

      assertThat(first.info().program()).isEqualTo(other.program("pass_message").id());
      first.close();
      second.close();
    }
  }

  @Test
  void aDirectAttachmentTellsThatSomebodyDetachedIt() {
    var sockets = object.map("sockets");
    var program = object.program("pass_message");
    var attachment = program.attachDirectly(sockets);
    program.attachDirectly(sockets).close(); // takes away the one program that there is

    assertThat(attachment.info().target()).isEqualTo(new LinkInfo.OfNothing());
    attachment.close();
  }

  @Test
  void programsDoNotAttachToTargetsOfTheWrongKind() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> object.program("pass_message").attach(group.cgroup()))
        .withMessage(
            "program pass_message is of type SK_MSG, which can't be attached to a control group");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> object.program("count_runs").attach(object.map("sockets")))
        .withMessage(
            "program count_runs is of type SOCK_OPS, which can't be attached to a socket map");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> object.program("pass_message").attach(object.map("numbers")))
        .withMessage("map numbers is a HASH: programs attach to SOCKMAP and SOCKHASH");
  }

  @Test
  void aGroupThatIsGoneIsNamed() {
    var child = group.cgroup().createChild("short-lived");
    child.delete();

    assertThatExceptionOfType(NotCgroupException.class)
        .isThrownBy(() -> object.program("count_runs").attach(child))
        .withMessageContaining(child.path().toString())
        .withMessageContaining("does not exist any more");
  }

  @Test
  void aProgramThatWasNotLoadedCannotBeAttached() {
    try (var spec = Fixture.open("fixture")) {
      spec.autoload("count_runs", false);
      try (var partial = spec.load()) {
        assertThatIllegalStateException()
            .isThrownBy(() -> partial.program("count_runs").attach(group.cgroup()))
            .withMessage("program count_runs was not loaded");
        partial.program("pass_message").attach(partial.map("sockets")).close();
      }
    }
  }

  @Test
  void nothingAttachesAfterClose() {
    var program = object.program("count_runs");
    object.close();

    assertThat(program.name()).isEqualTo("count_runs");
    assertThatIllegalStateException().isThrownBy(() -> program.attach(group.cgroup()));
    assertThatIllegalStateException().isThrownBy(program::id);
    assertThatIllegalStateException().isThrownBy(program::statistics);
  }
}
