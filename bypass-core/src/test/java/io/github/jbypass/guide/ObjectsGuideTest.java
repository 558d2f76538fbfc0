// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.guide;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.KernelAbility;
import io.github.jbypass.core.KernelFeatures;
import io.github.jbypass.core.KernelReport;
import io.github.jbypass.core.KernelStatistics;
import io.github.jbypass.core.KernelUnsupportedException;
import io.github.jbypass.core.MalformedObjectException;
import io.github.jbypass.core.MapType;
import io.github.jbypass.core.PrivilegeException;
import io.github.jbypass.core.Support;
import io.github.jbypass.core.VerifierException;
import io.github.jbypass.testing.KernelTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/objects.md */
@KernelTest
class ObjectsGuideTest {
  @TempDir private Path directory;

  @Test
  void fromFileToDetached() throws IOException {
    var file = Files.write(directory.resolve("guide.bpf.o"), WatchedGroup.elf());
    try (var group = new WatchedGroup()) {
      var cgroup = group.cgroup();
      try (var spec = BpfObjectSpec.open(file)) {
        spec.set("ignored_port", 22);
        try (var object = spec.load();
            var link = object.program("on_connect").attach(cgroup)) {
          System.out.println(link.info());
        }
      }
    }
  }

  @Test
  void anObjectIsInspectedBeforeItIsLoaded() {
    try (var spec = WatchedGroup.open()) {
      spec.mapNames().forEach(name -> System.out.println(spec.map(name)));
      spec.programNames().forEach(name -> System.out.println(spec.program(name)));
      var traffic = spec.btf().struct("traffic");
      System.out.println(traffic.size() + " bytes, " + traffic.member("last_ns"));

      assertThat(spec.map("endpoints").type()).isEqualTo(MapType.LRU_HASH);
      assertThat(traffic.member("last_ns").offset()).isEqualTo(8);
    }
  }

  @Test
  void anObjectIsConfiguredBeforeItIsLoaded() {
    var spec = WatchedGroup.open();
    spec.maxEntries("endpoints", 65_536);
    spec.set("ignored_port", 22);
    spec.autoload("on_connect6", true);
    try (var object = spec.load()) {
      assertThat(object.map("endpoints").maxEntries()).isEqualTo(65_536);
      assertThat(object.program("on_connect6").id()).isPositive();
    }
  }

  @Test
  void globalVariablesAreSharedWithRunningPrograms() {
    try (var group = new WatchedGroup();
        var object = WatchedGroup.open().load();
        var _ = object.program("on_connect").attach(group.cgroup())) {
      group.connect(2);
      long connects = object.longs("connects").getOpaque(0);
      object.global("enabled").set(JAVA_INT, 0, 0); // the next run sees it
      object.awaitRunningPrograms(); // from here on no program counts
      group.connect(1);

      assertThat(connects).isEqualTo(2);
      assertThat(object.longs("connects").getOpaque(0)).isEqualTo(2);
    }
  }

  @Test
  void whatIsClosedSaysSo() {
    var object = WatchedGroup.open().load();
    var map = object.map("connects_by_port");
    object.close();
    object.close(); // does nothing

    assertThatIllegalStateException().isThrownBy(map::info);
  }

  @Test
  void whatALinkHoldsOutlivesTheObject() {
    try (var group = new WatchedGroup()) {
      var object = WatchedGroup.open().load();
      try (var link = object.program("on_connect").attach(group.cgroup())) {
        object.close();
        assertThat(link.info().program()).isPositive();
      }
    }
  }

  @Test
  void errorsAreTypedBySituation() {
    assertThatThrownBy(() -> load(new byte[] {1, 2, 3}))
        .isInstanceOf(MalformedObjectException.class);
    load(WatchedGroup.elf());
  }

  private static void load(byte[] elf) {
    try (var spec = BpfObjectSpec.open("guide", elf);
        var object = spec.load()) {
      System.out.println(object.map("endpoints").info());
    } catch (PrivilegeException e) {
      System.err.println("grant " + e.missing() + ", or run as root");
      throw e;
    } catch (VerifierException e) {
      System.err.println(e.reason() + " at " + e.source());
      throw e;
    } catch (KernelUnsupportedException e) {
      System.err.println("needs a newer kernel: " + e.getMessage());
      throw e;
    } catch (BpfException e) {
      System.err.println(e.operation() + " failed with error " + e.errno());
      throw e;
    }
  }

  @Test
  void theKernelIsAskedWhatItCanDo() {
    if (KernelFeatures.mapType(MapType.RINGBUF) instanceof Support.No no) {
      System.err.println("events are not available: " + no.reason());
    }
    String report = KernelReport.create().text(); // or json()
    if (KernelFeatures.ability(KernelAbility.SOCKET_MAP_LINK) instanceof Support.No no) {
      System.err.println("sockets keep their program until they close: " + no.reason());
    }

    assertThat(report).contains("helpers of SK_MSG");
    assertThat(KernelFeatures.ability(KernelAbility.BPF_LINK)).isEqualTo(new Support.Yes());
  }

  @Test
  void runTimeIsMeasured() {
    try (var group = new WatchedGroup();
        var object = WatchedGroup.open().load();
        var _ = object.program("on_connect").attach(group.cgroup())) {
      try (var _ = KernelStatistics.enable()) {
        group.connect(3);
        var cost = object.program("on_connect").statistics();
        System.out.println(cost.nanoseconds() / cost.runs() + " ns a run");
        assertThat(cost.runs()).isEqualTo(3);
      }
    }
  }

  @Test
  void anIgnoredPortIsNotCounted() {
    try (var group = new WatchedGroup();
        var spec = WatchedGroup.open()) {
      spec.set("ignored_port", group.port());
      try (var object = spec.load();
          var _ = object.program("on_connect").attach(group.cgroup())) {
        group.connect(1);
        assertThat(object.longs("connects").sum()).isZero();
      }
    }
  }
}
