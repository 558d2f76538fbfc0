// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.jbypass.core.internal.TrialSocket;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.NeedsAbility;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class IteratorTest {
  private static final int MANY = 20_000; // entries, more than the kernel's buffer holds

  private BpfObject object;
  private BpfMap numbers;

  @BeforeEach
  void load() {
    try (var spec = Fixture.open("iterators")) {
      boolean overMaps = KernelFeatures.ability(KernelAbility.SOCKET_MAP_ITERATOR).isPresent();
      spec.autoload("dump_numbers", overMaps);
      spec.autoload("dump_sockets", overMaps);
      object = spec.load();
    }
    numbers = object.map("numbers");
  }

  @AfterEach
  void close() {
    object.close();
  }

  private Map<Integer, Long> fill(int entries) {
    var stored = new HashMap<Integer, Long>();
    try (var arena = Arena.ofConfined()) {
      var key = arena.allocate(JAVA_INT);
      var value = arena.allocate(JAVA_LONG);
      for (int i = 0; i < entries; i++) {
        key.set(JAVA_INT, 0, i);
        value.set(JAVA_LONG, 0, i * 3L);
        numbers.update(key, value, UpdateMode.NO_EXIST);
        stored.put(i, i * 3L);
      }
    }
    return stored;
  }

  @Test
  @NeedsAbility(KernelAbility.SOCKET_MAP_ITERATOR)
  void everyEntryOfAHashIsWrittenOnce() throws IOException {
    var stored = fill(MANY);
    try (var stream = object.program("dump_numbers").iterate(numbers)) {
      var bytes = ByteBuffer.wrap(stream.readAllBytes()).order(ByteOrder.nativeOrder());
      assertThat(bytes.remaining()).isEqualTo(MANY * 12);
      var found = new HashMap<Integer, Long>();
      while (bytes.hasRemaining()) {
        found.put(bytes.getInt(), bytes.getLong());
      }
      assertThat(found).isEqualTo(stored);
      assertThat(stream.read()).isEqualTo(-1);
    }
  }

  @Test
  @NeedsAbility(KernelAbility.SOCKET_MAP_ITERATOR)
  void everySocketOfASocketMapIsWritten() throws IOException {
    var sockets = object.map("sockets");
    try (var arena = Arena.ofConfined();
        var one = TrialSocket.looped();
        var other = TrialSocket.looped()) {
      for (var socket : new TrialSocket[] {one, other}) {
        var fd = arena.allocateFrom(JAVA_LONG, socket.fd());
        sockets.update(fd, fd, UpdateMode.NO_EXIST);
      }
      try (var stream = object.program("dump_sockets").iterate(sockets)) {
        var bytes = ByteBuffer.wrap(stream.readAllBytes()).order(ByteOrder.nativeOrder());
        var found = new HashSet<Long>();
        while (bytes.hasRemaining()) {
          found.add(bytes.getLong());
        }
        assertThat(found).containsExactlyInAnyOrder((long) one.fd(), (long) other.fd());
      }
    }
  }

  @Test
  void anIteratorOfItsOwnNeedsNoMap() throws IOException {
    try (var stream = object.program("dump_programs").iterate()) {
      assertThat(stream.readAllBytes())
          .hasSizeGreaterThanOrEqualTo(object.programs().size())
          .containsOnly('p');
    }
  }

  @Test
  @NeedsAbility(KernelAbility.SOCKET_MAP_ITERATOR)
  void theProgramRunsOnlyAsFarAsItIsRead() throws IOException {
    fill(MANY);
    try (var stream = object.program("dump_numbers").iterate(numbers)) {
      assertThat(stream.available()).isZero();
      assertThat(object.global("runs").get(JAVA_LONG, 0)).isZero();
      assertThat(stream.readNBytes(12)).hasSize(12);
      assertThat(object.global("runs").get(JAVA_LONG, 0)).isBetween(1L, MANY - 1L);
    }
  }

  @Test
  @NeedsAbility(KernelAbility.SOCKET_MAP_ITERATOR)
  void aStreamThatIsGivenUpEarlyLeavesNothingOpen() throws Exception {
    fill(MANY);
    var before = Descriptors.ofBpf();
    for (int i = 0; i < 100; i++) {
      var stream = object.program("dump_numbers").iterate(numbers);
      assertThat(stream.read()).isNotNegative();
      stream.close();
      stream.close();
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(stream::read)
          .withMessageContaining("closed");
    }
    assertThat(Descriptors.ofBpf()).isEqualTo(before);
  }

  @Test
  @NeedsAbility(KernelAbility.SOCKET_MAP_ITERATOR)
  void aStreamOutlivesTheObject() throws IOException {
    var stored = fill(10);
    try (var stream = object.program("dump_numbers").iterate(numbers)) {
      object.close();
      assertThat(stream.readAllBytes()).hasSize(stored.size() * 12);
    }
    assertThatIllegalStateException()
        .isThrownBy(() -> object.program("dump_numbers").iterate(numbers));
  }

  @Test
  @NeedsAbility(KernelAbility.SOCKET_MAP_ITERATOR)
  void whatDoesNotFitIsRefused() {
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> object.program("dump_numbers").iterate())
        .withMessageContaining("needs a map");
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> object.program("dump_sockets").iterate(numbers))
        .withMessageContaining("another type of map");
  }

  @Test
  void aProgramThatIsNoneIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> object.program("shorten").iterate())
        .withMessageContaining("no iterator");
  }
}
