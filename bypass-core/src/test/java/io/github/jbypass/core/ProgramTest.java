// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class ProgramTest {
  private static final int MARK = 8; // offset in struct __sk_buff
  private static final int SK_BUFF_SIZE = 192;

  private BpfObject fixture;
  private BpfObject runnable;

  @BeforeEach
  void load() {
    fixture = Fixture.load();
    try (var spec = Fixture.open("iterators")) {
      spec.programNames().forEach(name -> spec.autoload(name, !name.startsWith("dump_")));
      runnable = spec.load();
    }
  }

  @AfterEach
  void close() {
    fixture.close();
    runnable.close();
  }

  @Test
  void theKernelTellsWhatAProgramIs() throws Exception {
    var program = fixture.program("count_runs");
    var info = program.info();

    assertThat(info.id()).isEqualTo(program.id()).isPositive();
    assertThat(info.name()).isEqualTo("count_runs");
    assertThat(info.type()).isEqualTo(ProgramType.SOCK_OPS).isEqualTo(program.type());
    assertThat(info.tag()).matches("[0-9a-f]{16}");
    assertThat(info.uid()).isEqualTo((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    assertThat(info.mapIds()).as("of .rodata, .data and .bss").hasSize(3).doesNotHaveDuplicates();
    assertThat(info.verifiedInstructions()).isPositive();
    assertThat(info.gplCompatible()).isTrue();
    assertThat(info.btfId()).isPositive();
    var uptime = Files.readString(Path.of("/proc/uptime")).split(" ")[0];
    var boot = Duration.ofMillis((long) (Double.parseDouble(uptime) * 1000));
    assertThat(info.loadedAfterBoot()).isBetween(boot.minusMinutes(1), boot.plusSeconds(1));
  }

  @Test
  void theTagTellsProgramsWithOtherCodeApart() {
    try (var again = Fixture.load()) {
      assertThat(again.program("count_runs").info().tag())
          .isEqualTo(fixture.program("count_runs").info().tag())
          .isNotEqualTo(fixture.program("pass_message").info().tag());
    }
  }

  @Test
  void aProgramIsOpenedByItsNumberAndOutlivesItsObject() {
    int id = fixture.program("count_runs").id();
    try (var group = TestCgroup.create();
        var opened = BpfProgram.openById(id)) {
      fixture.close();
      assertThat(opened.id()).isEqualTo(id);
      assertThat(opened.name()).isEqualTo("count_runs");
      assertThat(opened.type()).isEqualTo(ProgramType.SOCK_OPS);
      opened.attach(group.cgroup()).close();
    }
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> BpfProgram.openById(id))
        .withMessageContaining("[ENOENT]");
  }

  @Test
  void whereAnOpenedProgramBelongsMayBeUnknown() {
    try (var opened = BpfProgram.openById(fixture.program("pass_stream").id())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> opened.attach(fixture.map("sockets")))
          .withMessageContaining("does not tell where");
    }
  }

  @Test
  void aClosedProgramRefusesEverythingButItsName() {
    var program = BpfProgram.openById(fixture.program("count_runs").id());
    program.close();
    program.close();

    assertThat(program.name()).isEqualTo("count_runs");
    assertThatIllegalStateException().isThrownBy(program::id);
    assertThatIllegalStateException().isThrownBy(program::info);
    assertThatIllegalStateException().isThrownBy(program::statistics);
    assertThatIllegalStateException().isThrownBy(() -> program.testRun(new byte[64]));
    assertThatIllegalStateException().isThrownBy(() -> program.pin(Path.of("/sys/fs/bpf/x")));
    assertThat(fixture.program("count_runs").id()).as("has its own descriptor").isPositive();
  }

  @Test
  void aPacketProgramRunsOnAPacketAndAContext() {
    var context = ByteBuffer.allocate(SK_BUFF_SIZE).order(ByteOrder.nativeOrder());
    context.putInt(MARK, 100);
    var packet = new byte[64];
    packet[19] = 9;
    var run = runnable.program("shorten").testRun(packet, context.array(), 1);

    assertThat(run.result()).isEqualTo(7);
    assertThat(run.data()).hasSize(20).endsWith(9);
    assertThat(ByteBuffer.wrap(run.context()).order(ByteOrder.nativeOrder()).getInt(MARK))
        .isEqualTo(101);
  }

  @Test
  void aRunCanBeRepeatedToMeasureIt() {
    var run = runnable.program("shorten").testRun(new byte[64], new byte[0], 1000);
    assertThat(run.nanoseconds()).isPositive();
    assertThat(run.context()).isEmpty();
  }

  @Test
  void aSyscallProgramGetsItsArgumentsBack() {
    var arguments = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder()).putLong(0, 14);
    var run = runnable.program("multiply").testRun(new byte[0], arguments.array(), 1);

    assertThat(run.result()).isEqualTo(42);
    assertThat(run.data()).isEmpty();
    assertThat(ByteBuffer.wrap(run.context()).order(ByteOrder.nativeOrder()).getLong(8))
        .isEqualTo(42);
  }

  @Test
  void whatCannotBeRunSaysWhy() {
    assertThatExceptionOfType(UnsupportedByTypeException.class)
        .isThrownBy(() -> fixture.program("count_runs").testRun(new byte[64]))
        .withMessageContaining("can't run programs of type SOCK_OPS");
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> runnable.program("shorten").testRun(new byte[13]))
        .withMessageContaining("at least 14 bytes");
  }
}
