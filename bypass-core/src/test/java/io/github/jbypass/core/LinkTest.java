// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@KernelTest
class LinkTest {
  private static final int CONNECTIONS = 2000;
  private static final int THREADS = 8;
  private static final int ROUNDS = 20;

  private TestCgroup group;
  private TestBpfFileSystem files;
  private BpfObject object;
  private BpfProgram one;
  private BpfProgram other;

  @BeforeEach
  void load() {
    files = new TestBpfFileSystem();
    group = TestCgroup.create();
    object = Fixture.open("pair").load();
    one = object.program("one");
    other = object.program("other");
    group.enter();
  }

  @AfterEach
  void release() {
    group.leave();
    object.close();
    group.close();
    files.close();
  }

  /** Opens a connection inside the group: for Java it is an IPv6 one, whatever the address. */
  private static void connect(ServerSocket server) {
    try (var client = new Socket()) {
      client.setReuseAddress(true);
      client.setSoLinger(true, 0); // no TIME_WAIT
      client.connect(server.getLocalSocketAddress());
      server.accept().close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ServerSocket server() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
  }

  private long runs(String variable) {
    return object.global(variable).get(JAVA_LONG, 0);
  }

  /** Which programs run for a connection, in their order: a digit each. */
  private int order() {
    object.global("order").set(JAVA_INT, 0, 0);
    try (var server = server()) {
      connect(server);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return object.global("order").get(JAVA_INT, 0);
  }

  @Test
  void aLinkTellsWhatItIs() {
    try (var link = one.attach(group.cgroup())) {
      var info = link.info();
      assertThat(info.id()).isPositive();
      assertThat(info)
          .isEqualTo(
              new LinkInfo(
                  info.id(),
                  LinkType.CGROUP,
                  one.id(),
                  AttachType.CGROUP_INET6_CONNECT,
                  new LinkInfo.OfCgroup(group.cgroup().id())));
    }
  }

  @Test
  void theLinkOfASocketMapTellsWhatItIs() {
    try (var fixture = Fixture.load();
        var link = fixture.program("pass_message").attach(fixture.map("sockets"))) {
      var info = link.info();
      assertThat(info.type())
          .isEqualTo(Kernel.hasSocketMapLinks() ? LinkType.SOCKMAP : LinkType.NONE);
      assertThat(info.program()).isEqualTo(fixture.program("pass_message").id());
      assertThat(info.attachType()).isEqualTo(AttachType.SK_MSG_VERDICT);
      assertThat(info.target()).isInstanceOf(LinkInfo.OfMap.class);

      try (var direct = fixture.program("pass_stream").attachDirectly(fixture.map("sockets"))) {
        assertThat(direct.info())
            .isEqualTo(
                new LinkInfo(
                    0,
                    LinkType.NONE,
                    fixture.program("pass_stream").id(),
                    AttachType.SK_SKB_STREAM_VERDICT,
                    info.target()));
      }
    }
  }

  @Test
  void anUpdateReplacesTheProgramInPlace() {
    try (var link = one.attach(group.cgroup())) {
      int id = link.info().id();
      link.update(other);
      assertThat(order()).isEqualTo(0x2);
      assertThat(link.info().program()).isEqualTo(other.id());
      assertThat(link.info().id()).isEqualTo(id);
    }
    assertThat(order()).isZero();
  }

  @Test
  @Timeout(60)
  void noConnectionGoesByWithoutAProgramWhileItIsUpdated() throws Exception {
    try (var link = one.attach(group.cgroup());
        var server = server()) {
      var updater =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                      link.update(i % 2 == 0 ? other : one);
                      Thread.yield();
                    }
                  });
      try {
        for (int i = 0; i < CONNECTIONS; i++) {
          connect(server);
        }
      } finally {
        updater.interrupt();
        updater.join();
      }
    }
    assertThat(runs("one_runs")).isPositive();
    assertThat(runs("other_runs")).isPositive();
    assertThat(runs("one_runs") + runs("other_runs")).isEqualTo(CONNECTIONS);
  }

  @Test
  void aProgramIsReplacedOnlyIfItIsTheExpectedOne() {
    try (var link = one.attach(group.cgroup())) {
      assertThat(link.replace(other, one)).isFalse();
      assertThat(order()).isEqualTo(0x1);
      assertThat(link.replace(one, other)).isTrue();
      assertThat(order()).isEqualTo(0x2);
    }
  }

  @Test
  void aProgramOfAnotherTypeIsNoReplacement() {
    try (var link = one.attach(group.cgroup())) {
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> link.update(object.program("packet")))
          .withMessageContaining("program packet is a CGROUP_SKB");
      assertThat(order()).isEqualTo(0x1);
    }
  }

  @Test
  void aDetachedLinkIsStillThereButEmpty() {
    var link = one.attach(group.cgroup());
    link.detach();
    link.detach();
    assertThat(order()).isZero();
    assertThat(link.info().target()).isEqualTo(new LinkInfo.OfNothing());
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> link.update(other))
        .withMessageContaining("it is detached");
    link.close();
    link.close();
  }

  @Test
  void aLinkEndsWithItsGroup() {
    var child = group.cgroup().createChild("short-lived");
    try (var link = one.attach(child)) {
      child.delete();
      awaitDetached(link);
    }
  }

  private static void awaitDetached(BpfLink link) {
    for (int i = 0; i < 100 && !(link.info().target() instanceof LinkInfo.OfNothing); i++) {
      try {
        Thread.sleep(20); // the kernel frees groups after a grace period
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    assertThat(link.info().target()).isEqualTo(new LinkInfo.OfNothing());
  }

  @Test
  void aPinnedLinkOutlivesItsClosingAndIsAdopted() {
    var pin = files.file("link");
    var link = one.attach(group.cgroup());
    link.pin(pin);
    link.close();
    assertThat(order()).isEqualTo(0x1);

    try (var adopted = BpfLink.adopt(pin)) {
      assertThat(adopted.info().program()).isEqualTo(one.id());
      assertThat(adopted.info().target()).isEqualTo(new LinkInfo.OfCgroup(group.cgroup().id()));
      adopted.update(other);
      assertThat(order()).isEqualTo(0x2);
      adopted.unpin();
      assertThat(pin).doesNotExist();
      assertThat(order()).as("still open").isEqualTo(0x2);
    }
    assertThat(order()).isZero();
  }

  @Test
  void aLinkSurvivesTheProcessThatPinnedIt() {
    var pin = files.file("link");
    var output = Child.output(PinningChild.class, group.path().toString(), pin.toString());
    assertThat(output).contains("PINNED");

    try (var adopted = BpfLink.adopt(pin)) {
      assertThat(adopted.info().type()).isEqualTo(LinkType.CGROUP);
      assertThat(adopted.info().target()).isEqualTo(new LinkInfo.OfCgroup(group.cgroup().id()));
      adopted.update(one);
      assertThat(order()).isEqualTo(0x1);
      adopted.unpin();
    }
    assertThat(order()).isZero();
  }

  /** Runs in the child: attaches, pins, and dies without closing anything. */
  static final class PinningChild {
    private PinningChild() {}

    public static void main(String[] arguments) {
      var object = Fixture.open("pair").load();
      var group = Cgroup.at(Path.of(arguments[0]));
      object.program("other").attach(group).pin(Path.of(arguments[1]));
      System.out.println("PINNED");
      System.out.flush();
      Runtime.getRuntime().halt(0);
    }
  }

  @Test
  void aLinkIsPinnedOnce() {
    try (var link = one.attach(group.cgroup())) {
      assertThatIllegalStateException().isThrownBy(link::unpin).withMessageContaining("not pinned");
      link.pin(files.file("first"));
      assertThatIllegalStateException()
          .isThrownBy(() -> link.pin(files.file("second")))
          .withMessageContaining("is pinned at " + files.file("first"));
      link.unpin();
      link.pin(files.file("second"));
    }
  }

  @Test
  void nothingIsUnpinnedThatIsNotTheLinksOwn() throws IOException {
    var pin = files.file("link");
    try (var link = one.attach(group.cgroup());
        var stranger = other.attach(group.cgroup())) {
      link.pin(pin);
      Files.delete(pin);
      stranger.pin(pin);
      assertThatExceptionOfType(PinException.class)
          .isThrownBy(link::unpin)
          .withMessageContaining("another link is pinned");
      assertThat(pin).exists();
    }
  }

  @Test
  void aClosedLinkRefusesEverything() {
    var link = one.attach(group.cgroup());
    link.close();
    assertThatIllegalStateException().isThrownBy(() -> link.update(other));
    assertThatIllegalStateException().isThrownBy(() -> link.replace(one, other));
    assertThatIllegalStateException().isThrownBy(() -> link.pin(files.file("x")));
    assertThatIllegalStateException().isThrownBy(link::detach);
    assertThatIllegalStateException().isThrownBy(link::info);

    try (var fixture = Fixture.load()) {
      var direct = fixture.program("pass_message").attachDirectly(fixture.map("sockets"));
      direct.close();
      assertThatIllegalStateException()
          .isThrownBy(() -> direct.update(fixture.program("pass_message")));
      assertThatIllegalStateException().isThrownBy(direct::detach);
      assertThatIllegalStateException().isThrownBy(direct::info);
    }
  }

  /** A link that is closed under its users gives its descriptor to the next one. */
  @Test
  @Timeout(60)
  void noOperationRunsOnTheLinkOfAnother() throws Exception {
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      for (int round = 0; round < ROUNDS; round++) {
        var link = one.attach(group.cgroup());
        int id = link.info().id();
        var started = new CountDownLatch(THREADS);
        var users = new ArrayList<Future<?>>();
        for (int i = 0; i < THREADS; i++) {
          users.add(threads.submit(() -> useUntilClosed(link, id, started)));
        }
        started.await();
        link.close();
        try (var _ = one.attach(group.cgroup())) {
          for (var user : users) {
            user.get();
          }
        }
      }
    }
  }

  private static void useUntilClosed(BpfLink link, int id, CountDownLatch started) {
    try {
      while (true) {
        assertThat(link.info().id()).isEqualTo(id);
        started.countDown();
      }
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageContaining("is closed");
    }
  }

  @Test
  void aDirectAttachmentIsUpdatedAndDetachedButNeverPinned() {
    try (var fixture = Fixture.load();
        var again = Fixture.load()) {
      var sockets = fixture.map("sockets");
      var attachment = fixture.program("pass_message").attachDirectly(sockets);
      attachment.update(again.program("pass_message"));
      assertThat(AttachedProgram.list(sockets, AttachType.SK_MSG_VERDICT))
          .containsExactly(new AttachedProgram(again.program("pass_message").id(), 0));
      assertThatExceptionOfType(UnsupportedByTypeException.class)
          .isThrownBy(() -> attachment.pin(files.file("x")))
          .withMessageContaining("6.10");
      assertThatExceptionOfType(UnsupportedByTypeException.class)
          .isThrownBy(
              () ->
                  attachment.replace(
                      again.program("pass_message"), fixture.program("pass_message")));
      assertThatIllegalStateException().isThrownBy(attachment::unpin);

      attachment.detach();
      attachment.detach();
      assertThat(AttachedProgram.list(sockets, AttachType.SK_MSG_VERDICT)).isEmpty();
      assertThat(attachment.info().target()).isEqualTo(new LinkInfo.OfNothing());
      attachment.close();
    }
  }

  @Test
  void programsOfAGroupRunInTheChosenOrder() {
    try (var first = one.attach(group.cgroup())) {
      if (!Kernel.hasCgroupOrder()) {
        assertThatExceptionOfType(KernelUnsupportedException.class)
            .isThrownBy(() -> other.attach(group.cgroup(), AttachOrder.before(first)))
            .withMessageContaining("it takes Linux 6.17");
        return;
      }
      try (var _ = other.attach(group.cgroup())) {
        assertThat(order()).isEqualTo(0x12);
      }
      try (var _ = other.attach(group.cgroup(), AttachOrder.first())) {
        assertThat(order()).isEqualTo(0x21);
      }
      try (var _ = other.attach(group.cgroup(), AttachOrder.before(first))) {
        assertThat(order()).isEqualTo(0x21);
      }
      try (var _ = other.attach(group.cgroup(), AttachOrder.first());
          var _ = other.attach(group.cgroup(), AttachOrder.after(first))) {
        assertThat(order()).isEqualTo(0x212);
      }
    }
  }

  @Test
  void orderNeedsANeighbourThatIsAttachedThere() {
    Kernel.needs(KernelFeatures.ability(KernelAbility.CGROUP_ORDER));
    var elsewhere = group.cgroup().createChild("elsewhere");
    try (var stranger = one.attach(elsewhere)) {
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> other.attach(group.cgroup(), AttachOrder.after(stranger)))
          .withMessageContaining("not attached there");
    } finally {
      elsewhere.delete();
    }
  }

  @Test
  void whatIsAttachedCanBeListed() {
    var type = AttachType.CGROUP_INET6_CONNECT;
    assertThat(AttachedProgram.list(group.cgroup(), type)).isEmpty();
    var child = group.cgroup().createChild("child");
    try (var _ = one.attach(group.cgroup());
        var _ = other.attach(child)) {
      var ones = new AttachedProgram(one.id(), 0);
      var others = new AttachedProgram(other.id(), 0);
      assertThat(AttachedProgram.list(group.cgroup(), type)).containsExactly(ones);
      assertThat(AttachedProgram.list(child, type)).containsExactly(others);
      assertThat(AttachedProgram.effective(child, type)).containsExactly(others, ones);
    } finally {
      child.delete();
    }
    assertThatExceptionOfType(KernelUnsupportedException.class)
        .isThrownBy(() -> AttachedProgram.list(group.cgroup(), AttachType.XDP));
  }
}
