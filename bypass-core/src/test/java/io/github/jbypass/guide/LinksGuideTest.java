// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.jbypass.core.AlreadyExistsException;
import io.github.jbypass.core.AttachOrder;
import io.github.jbypass.core.AttachType;
import io.github.jbypass.core.AttachedProgram;
import io.github.jbypass.core.BpfLink;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.DirectAttachment;
import io.github.jbypass.core.KernelAbility;
import io.github.jbypass.core.KernelFeatures;
import io.github.jbypass.core.KernelLink;
import io.github.jbypass.core.PinDirectory;
import io.github.jbypass.core.TcFilter;
import io.github.jbypass.core.TestBpfFileSystem;
import io.github.jbypass.core.typed.LongMap;
import io.github.jbypass.testing.KernelTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** docs/links-and-pins.md */
@KernelTest
class LinksGuideTest {
  private WatchedGroup group;
  private TestBpfFileSystem files;

  @BeforeEach
  void create() {
    group = new WatchedGroup();
    files = new TestBpfFileSystem();
  }

  @AfterEach
  void delete() {
    files.close();
    group.close();
  }

  private static String describe(BpfLink link) {
    return switch (link) {
      case KernelLink _ -> "ends with the process, can be pinned";
      case DirectAttachment _ -> "on a socket map, before kernel 6.10";
      case TcFilter _ -> "on a network device, before kernel 6.6 or by choice";
    };
  }

  @Test
  void aLinkLastsUntilItIsClosed() {
    var cgroup = group.cgroup();
    try (var object = WatchedGroup.open().load()) {
      var link = object.program("on_connect").attach(cgroup);
      AttachedProgram.list(cgroup, AttachType.CGROUP_INET4_CONNECT).forEach(System.out::println);
      link.close(); // the program no longer runs

      assertThat(AttachedProgram.list(cgroup, AttachType.CGROUP_INET4_CONNECT)).isEmpty();
    }
  }

  @Test
  void socketMapsTakeProgramsToo() {
    try (var object = WatchedGroup.open().load()) {
      var sockets = object.map("sockets");
      try (var link = object.program("on_message").attach(sockets)) {
        System.out.println(describe(link));
        assertThat(describe(link)).contains(link instanceof KernelLink ? "pinned" : "6.10");
      }
    }
  }

  @Test
  void aNewVersionTakesOver() {
    var cgroup = group.cgroup();
    try (var first = WatchedGroup.open().load();
        var second = WatchedGroup.open().load();
        var link = first.program("on_connect").attach(cgroup)) {
      link.update(second.program("on_connect")); // at no moment is there none
      BpfProgram expected = second.program("on_connect");
      boolean ours = link.replace(expected, first.program("on_connect"));

      assertThat(ours).isTrue();
      group.connect(1);
      assertThat(first.longs("connects").sum()).isOne();
    }
  }

  @Test
  void pinsOutliveTheProcess() {
    var mount = files.file("");
    var cgroup = group.cgroup();
    var directory = PinDirectory.create(mount.resolve("watch")); // rwx------
    try (var object = WatchedGroup.open().load();
        var link = object.program("on_connect").attach(cgroup)) {
      object.map("connects_by_port").pin(directory.file("ports"));
      link.pin(directory.file("link"));
    } // here the process may end: the program goes on counting

    group.connect(1);

    try (var spec = WatchedGroup.open();
        var ports = directory.openMap("ports", spec.map("connects_by_port"));
        var link = directory.openLink("link")) {
      System.out.println(link.info() + " counted " + LongMap.of(ports).get(group.port(), 0));
      assertThat(LongMap.of(ports).get(group.port(), 0)).isOne();
      link.unpin();
    } // and here it is detached
    directory.unpin("ports");
    directory.delete();

    assertThat(AttachedProgram.list(cgroup, AttachType.CGROUP_INET4_CONNECT)).isEmpty();
  }

  @Test
  void aMapIsHandedOnFromProcessToProcess() {
    var mount = files.file("");
    var directory = PinDirectory.create(mount.resolve("watch"));
    try (var spec = WatchedGroup.open()) {
      spec.pinPath("connects_by_port", directory.file("ports")); // pins it, or takes what is there
      try (var object = spec.load()) {
        LongMap.of(object.map("connects_by_port")).put(443, 7);
      }
    }
    try (var spec = WatchedGroup.open()) {
      spec.pinPath("connects_by_port", directory.file("ports"));
      try (var object = spec.load()) {
        assertThat(LongMap.of(object.map("connects_by_port")).get(443, 0)).isEqualTo(7);
      }
    }
  }

  @Test
  void whatIsPinnedCanBeListed() {
    var mount = files.file("");
    var directory = PinDirectory.create(mount.resolve("watch"));
    try (var object = WatchedGroup.open().load()) {
      object.map("connects_by_port").pin(directory.file("ports"));
      try (var pins = directory.walk()) {
        pins.forEach(System.out::println);
      }
      assertThatExceptionOfType(AlreadyExistsException.class)
          .isThrownBy(() -> object.map("totals").pin(directory.file("ports")));
    }
  }

  @Test
  void orderIsChosenWhereTheKernelKnowsIt() {
    var cgroup = group.cgroup();
    try (var object = WatchedGroup.open().load();
        var other = WatchedGroup.open().load();
        var _ = other.program("on_connect").attach(cgroup)) {
      var program = object.program("on_connect");
      var order =
          KernelFeatures.ability(KernelAbility.CGROUP_ORDER).isPresent()
              ? AttachOrder.first()
              : AttachOrder.last();
      try (var link = program.attach(cgroup, order)) {
        assertThat(link.info().program()).isEqualTo(program.id());
      }
    }
  }
}
