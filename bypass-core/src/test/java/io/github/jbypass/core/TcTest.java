// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.jbypass.testing.KernelTest;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@KernelTest
class TcTest {
  private TestNamespace namespace;
  private NetworkDevice lo;
  private BpfObject object;
  private BpfProgram first;
  private BpfProgram second;

  @BeforeEach
  void load() {
    namespace = new TestNamespace();
    lo = namespace.loopback();
    object = Fixture.open("packets").load();
    first = object.program("first");
    second = object.program("second");
  }

  @AfterEach
  void release() {
    object.close();
    namespace.close();
  }

  private long packets(String program) {
    long before = object.global(program + "_packets").get(JAVA_LONG, 0);
    namespace.sendPacket();
    return object.global(program + "_packets").get(JAVA_LONG, 0) - before;
  }

  private int order() {
    object.global("order").set(JAVA_INT, 0, 0);
    namespace.sendPacket();
    return object.global("order").get(JAVA_INT, 0);
  }

  private String qdiscs() {
    return namespace.tc("qdisc", "show", "dev", "lo");
  }

  @ParameterizedTest
  @EnumSource
  void aProgramSeesTheDevicesPacketsUntilItsLinkIsClosed(TcDirection direction) {
    var link = first.attach(lo, direction);
    assertThat(link).isInstanceOf(Kernel.hasTcx() ? KernelLink.class : TcFilter.class);
    assertThat(packets("first")).isEqualTo(1);
    assertThat(link.info())
        .isEqualTo(
            new LinkInfo(
                link.info().id(),
                Kernel.hasTcx() ? LinkType.TCX : LinkType.NONE,
                first.id(),
                AttachType.valueOf("TCX_" + direction),
                new LinkInfo.OfDevice(lo.index())));

    link.close();
    assertThat(packets("first")).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void withoutTcxAFilterDoesTheSameAndLeavesNothingBehind(TcDirection direction) {
    var filter = first.attachAsFilter(lo, direction);
    assertThat(packets("first")).isEqualTo(1);
    assertThat(qdiscs()).contains("clsact");
    assertThat(filter.info().program()).isEqualTo(first.id());
    assertThat(filter.info().target()).isEqualTo(new LinkInfo.OfDevice(lo.index()));

    filter.close();
    filter.close();
    assertThat(packets("first")).isZero();
    assertThat(qdiscs()).doesNotContain("clsact");
    assertThatIllegalStateException().isThrownBy(() -> filter.update(second));
    assertThatIllegalStateException().isThrownBy(filter::info);
  }

  @ParameterizedTest
  @EnumSource
  void aPersistentFilterIsFoundAgainUpdatedAndRemoved(TcDirection direction) {
    first.attachPersistent(lo, direction, "jbypass test", 7).close();
    object.close();
    object = Fixture.open("packets").load();
    assertThat(namespace.tc("filter", "show", "dev", "lo", direction.name().toLowerCase()))
        .contains("pref 7", "handle 0x1", "jbypass test", "direct-action");

    var found = TcFilter.find(lo, direction, "jbypass test").orElseThrow();
    assertThat(found.priority()).isEqualTo(7);
    assertThat(found.handle()).isEqualTo(1);
    assertThat(found.device()).isEqualTo(lo);
    assertThat(found.direction()).isEqualTo(direction);
    found.update(object.program("second"));
    assertThat(packets("second")).isEqualTo(1);
    assertThat(found.info().program()).isEqualTo(object.program("second").id());
    assertThat(TcFilter.list(lo, direction)).hasSize(1);

    found.detach();
    found.detach();
    assertThat(packets("second")).isZero();
    assertThat(TcFilter.find(lo, direction, "jbypass test")).isEmpty();
    assertThat(qdiscs()).as("made with the filter, gone with it").doesNotContain("clsact");
  }

  @Test
  void theQdiscStaysWhileSomethingElseHangsOnIt() {
    var received = first.attachPersistent(lo, TcDirection.INGRESS, "received", 1);
    var sent = second.attachPersistent(lo, TcDirection.EGRESS, "sent", 1);

    received.detach();
    assertThat(packets("second")).isEqualTo(1);
    sent.detach();
    assertThat(qdiscs()).doesNotContain("clsact");
  }

  @Test
  void aFilterThatTookItsPlaceIsLeftAlone() {
    var old = first.attachPersistent(lo, TcDirection.INGRESS, "old", 3);
    TcFilter.find(lo, TcDirection.INGRESS, "old").orElseThrow().detach();
    second.attachPersistent(lo, TcDirection.INGRESS, "new", 3);
    assertThat(old.info().target()).isEqualTo(new LinkInfo.OfNothing());
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> old.update(first))
        .withMessageContaining("gone");
    old.detach();
    assertThat(packets("second")).isEqualTo(1);
  }

  @Test
  void aQdiscThatWasThereBeforeStays() {
    namespace.tc("qdisc", "add", "dev", "lo", "clsact");
    first.attachAsFilter(lo, TcDirection.INGRESS).close();
    first.attachPersistent(lo, TcDirection.INGRESS, "x", 1).detach();
    assertThat(qdiscs()).contains("clsact");
  }

  @Test
  void noFilterIsReplacedSilently() {
    first.attachPersistent(lo, TcDirection.INGRESS, "mine", 3);
    assertThatExceptionOfType(AlreadyExistsException.class)
        .isThrownBy(() -> second.attachPersistent(lo, TcDirection.INGRESS, "yours", 3))
        .withMessageContaining("priority 3");
    assertThat(packets("first")).isEqualTo(1);
    assertThat(packets("second")).isZero();
  }

  @Test
  void filtersRunByPriority() {
    first.attachPersistent(lo, TcDirection.INGRESS, "late", 9);
    second.attachPersistent(lo, TcDirection.INGRESS, "early", 2);
    assertThat(order()).isEqualTo(0x21);
    assertThat(TcFilter.list(lo, TcDirection.INGRESS))
        .extracting(TcFilter::name)
        .containsExactly("early", "late");
  }

  @Test
  void linksRunInTheChosenOrder() {
    var last = TcDirection.INGRESS;
    if (!Kernel.hasTcx()) {
      assertThatExceptionOfType(KernelUnsupportedException.class)
          .isThrownBy(() -> first.attach(lo, last, AttachOrder.first()))
          .withMessageContaining("it takes Linux 6.6");
      return;
    }
    var one = (KernelLink) first.attach(lo, last);
    try (var _ = second.attach(lo, last, AttachOrder.first())) {
      assertThat(order()).isEqualTo(0x21);
    }
    try (var _ = second.attach(lo, last, AttachOrder.after(one))) {
      assertThat(order()).isEqualTo(0x12);
    }
    try (var _ = second.attach(lo, last, AttachOrder.before(one))) {
      assertThat(order()).isEqualTo(0x21);
    }
    one.close();
  }

  @Test
  void whatIsAttachedCanBeListed() {
    assertThat(AttachedProgram.list(lo, TcDirection.INGRESS)).isEmpty();
    Kernel.needs(KernelFeatures.attachType(AttachType.TCX_INGRESS));
    try (var one = first.attach(lo, TcDirection.INGRESS);
        var two = second.attach(lo, TcDirection.INGRESS)) {
      assertThat(AttachedProgram.list(lo, TcDirection.INGRESS))
          .containsExactly(
              new AttachedProgram(first.id(), one.info().id()),
              new AttachedProgram(second.id(), two.info().id()));
      assertThat(AttachedProgram.list(lo, TcDirection.EGRESS)).isEmpty();
    }
  }

  @Test
  void anIngressQdiscExcludesFiltersForWhatIsSent() {
    namespace.tc("qdisc", "add", "dev", "lo", "ingress");
    first.attachPersistent(lo, TcDirection.INGRESS, "received", 1);
    assertThat(packets("first")).isEqualTo(1);
    assertThat(TcFilter.list(lo, TcDirection.EGRESS)).isEmpty();
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> second.attachPersistent(lo, TcDirection.EGRESS, "sent", 2))
        .withMessageContaining("ingress qdisc");
  }

  @Test
  void filtersCannotBePinned() {
    var filter = first.attachPersistent(lo, TcDirection.INGRESS, "x", 1);
    assertThatExceptionOfType(UnsupportedByTypeException.class)
        .isThrownBy(() -> filter.pin(Path.of("/sys/fs/bpf/x")));
    assertThatExceptionOfType(UnsupportedByTypeException.class)
        .isThrownBy(() -> filter.replace(first, second));
    assertThatIllegalStateException().isThrownBy(filter::unpin);
  }

  @Test
  void aDeviceThatIsGoneIsNamed() {
    var gone = new NetworkDevice(namespace.namespace(), "eth7", 4711);
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> first.attach(gone, TcDirection.INGRESS))
        .withMessageContaining("device eth7")
        .withMessageContaining("gone");
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> first.attachPersistent(gone, TcDirection.INGRESS, "x", 1))
        .withMessageContaining("gone");
  }

  @Test
  void aLinkEndsWithItsDevice() {
    Kernel.needs(KernelFeatures.attachType(AttachType.TCX_INGRESS));
    namespace.ip("link", "add", "short", "type", "veth", "peer", "name", "lived");
    var device = namespace.namespace().device("short");
    try (var link = first.attach(device, TcDirection.INGRESS)) {
      assertThat(link.info().target()).isEqualTo(new LinkInfo.OfDevice(device.index()));
      namespace.ip("link", "del", "short");
      assertThat(link.info().target()).isEqualTo(new LinkInfo.OfNothing());
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> link.update(second))
          .withMessageContaining("detached");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFilterEndsWithItsDevice(TcDirection direction) {
    namespace.ip("link", "add", "short", "type", "veth", "peer", "name", "lived");
    var filter = first.attachAsFilter(namespace.namespace().device("short"), direction);
    namespace.ip("link", "del", "short");
    assertThat(filter.info().target()).isEqualTo(new LinkInfo.OfNothing());
    filter.detach();
    filter.close();
  }

  @Test
  void filtersThatDecideOtherwiseAreNotListedButKeepTheQdisc() {
    var own = first.attachPersistent(lo, TcDirection.INGRESS, "own", 1);
    try (var files = new TestBpfFileSystem()) {
      second.pin(files.file("second"));
      var pin = files.file("second").toString();
      namespace.tc(
          "filter", "add", "dev", "lo", "ingress", "pref", "5", "bpf", "object-pinned", pin);
    }
    assertThat(TcFilter.list(lo, TcDirection.INGRESS))
        .extracting(TcFilter::name)
        .containsExactly("own");
    own.detach();
    assertThat(qdiscs()).contains("clsact");
  }

  @Test
  void whatHungOnANamespaceThatIsGoneClosesQuietly() {
    BpfLink link;
    BpfLink filter;
    try (var shortLived = new TestNamespace()) {
      link = first.attach(shortLived.loopback(), TcDirection.INGRESS);
      filter = first.attachAsFilter(shortLived.loopback(), TcDirection.INGRESS);
    }
    link.close();
    filter.close();
  }

  @Test
  void onlyTcProgramsAttachToDevices() {
    try (var other = Fixture.load()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> other.program("count_runs").attach(lo, TcDirection.INGRESS))
          .withMessageContaining("SOCK_OPS, which can't be attached to a network device");
      var filter = first.attachPersistent(lo, TcDirection.INGRESS, "x", 1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> filter.update(other.program("count_runs")));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> first.attachPersistent(lo, TcDirection.INGRESS, "", 1));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> first.attachPersistent(lo, TcDirection.INGRESS, "x", 0));
    }
  }
}
