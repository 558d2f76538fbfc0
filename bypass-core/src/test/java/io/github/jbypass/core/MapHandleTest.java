// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.jbypass.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@KernelTest
class MapHandleTest {
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void release() {
    arena.close();
  }

  private MemorySegment key(int number) {
    return arena.allocateFrom(JAVA_INT, number);
  }

  private MemorySegment value(long number) {
    return arena.allocateFrom(JAVA_LONG, number);
  }

  @Test
  void aCreatedMapIsWhatWasAskedFor() {
    var spec = new BpfMapSpec("made.by_test", MapType.HASH, 12, 20, 100).with(MapFlag.NO_PREALLOC);
    try (var map = BpfMap.create(spec)) {
      var info = map.info();

      assertThat(spec.differences(info)).isEmpty();
      assertThat(info.name()).isEqualTo("made.by_test");
      assertThat(info.id()).isPositive();
      assertThat(info.has(MapFlag.NO_PREALLOC)).isTrue();
      assertThat(info.has(MapFlag.MMAPABLE)).isFalse();
      assertThat(info.memory().orElseThrow()).isPositive();
      assertThat(info.frozen()).contains(false);
      assertThat(map.name()).isEqualTo("made.by_test");
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {"QUEUE", "STACK", "RINGBUF", "SK_STORAGE", "LPM_TRIE", "HASH_OF_MAPS", "LRU_HASH"})
  void mapsOfEveryShapeCanBeCreated(MapType type) {
    var spec = TestMaps.spec(type);
    try (var map = BpfMap.create(spec)) {
      assertThat(spec.differences(map.info())).isEmpty();
    }
  }

  @Test
  void everyDifferenceIsListed() {
    try (var map = TestMaps.hash(5)) {
      var wanted = new BpfMapSpec("other", MapType.LRU_HASH, 8, 16, 6).with(MapFlag.RDONLY_PROG);

      assertThat(wanted.differences(map.info()))
          .containsExactly(
              "type: LRU_HASH wanted, HASH found",
              "key size: 8 wanted, 4 found",
              "value size: 16 wanted, 8 found",
              "max entries: 6 wanted, 5 found",
              "flags: 0x80 wanted, 0x0 found");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ARRAY        | 8 | 8 | 1    | keys of a ARRAY have 4 bytes, not 8",
        "HASH         | 0 | 8 | 1    | keys need a size",
        "HASH         | 4 | 0 | 1    | values need a size",
        "HASH         | 4 | 8 | 0    | the map needs at least one entry",
        "QUEUE        | 4 | 8 | 1    | a QUEUE has no keys: their size is 0",
        "RINGBUF      | 0 | 0 | 5000 | a RINGBUF has a power of two of bytes, at least a page",
        "LPM_TRIE     | 4 | 8 | 1    | keys of an LPM_TRIE are a prefix length",
        "SOCKHASH     | 4 | 6 | 1    | values of a SOCKHASH have 4 or 8 bytes, not 6",
        "HASH_OF_MAPS | 4 | 4 | 1    | what the inner maps are like is missing",
        "SK_STORAGE   | 4 | 8 | 1    | SK_STORAGE has no limit of entries: it is 0",
      })
  void theKernelsRefusalIsExplained(
      MapType type, int keySize, int valueSize, int entries, String explanation) {
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> BpfMap.create(new BpfMapSpec("odd", type, keySize, valueSize, entries)))
        .withMessageStartingWith("create map odd: " + explanation);
  }

  @Test
  void onlyArraysCanBeMapped() {
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> BpfMap.create(TestMaps.spec(MapType.HASH).with(MapFlag.MMAPABLE)))
        .withMessage("create map test: the memory of a HASH can't be mapped [EINVAL]");
  }

  @Test
  void aNameThatTheKernelHasNoRoomForIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BpfMap.create(new BpfMapSpec("a_very_long_name", MapType.HASH, 4, 8, 1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BpfMap.create(new BpfMapSpec("a name", MapType.HASH, 4, 8, 1)));
  }

  @Test
  void aMapOpenedByItsNumberIsTheSameMapUnderAnotherHandle() {
    var map = TestMaps.hash(5);
    try (var same = BpfMap.openById(map.info().id())) {
      map.update(key(1), value(10), UpdateMode.ANY);
      map.close();

      var found = value(0);
      assertThat(same.lookup(key(1), found)).isTrue();
      assertThat(found.get(JAVA_LONG, 0)).isEqualTo(10);
      assertThat(same.name()).isEqualTo("test");
    }
  }

  @Test
  void aNumberThatNobodyHasIsSaidToBeSo() {
    int id;
    try (var map = TestMaps.hash(5)) {
      id = map.info().id();
    }
    var gone = id + 1_000_000;
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> BpfMap.openById(gone))
        .withMessage(
            "open map number %d: there is none of this number, or not any more [ENOENT]", gone);
  }

  @Test
  void aPinnedMapIsOpenedAndNothingElse() {
    try (var files = new TestBpfFileSystem();
        var spec = Fixture.open("fixture")) {
      var pinned = files.file("numbers");
      spec.pinPath("numbers", pinned);
      try (var object = spec.load()) {
        object.map("numbers").update(key(1), value(10), UpdateMode.ANY);
      }
      try (var map = BpfMap.openPin(pinned)) {
        assertThat(map.name()).isEqualTo("numbers");
        assertThat(map.lookup(key(1), value(0))).isTrue();
      }
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> BpfMap.openPin(files.file("none")))
          .withMessageContaining("nothing is pinned there [ENOENT]");
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> BpfMap.openPin(Path.of("/etc/passwd")))
          .withMessageContaining("/etc is not in a bpf file system");
    }
  }

  @Test
  void aFrozenMapCanOnlyBeRead() {
    try (var map = TestMaps.hash(5)) {
      map.update(key(1), value(10), UpdateMode.ANY);
      map.freeze();

      assertThat(map.info().frozen()).contains(true);
      assertThat(map.lookup(key(1), value(0))).isTrue();
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> map.update(key(1), value(11), UpdateMode.ANY))
          .withMessage(
              "update map test: the map is frozen: user space can't change it any more [EPERM]");
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> map.delete(key(1)))
          .withMessageContaining("the map is frozen");
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(map::freeze)
          .withMessageStartingWith("freeze map test: it is frozen already");
    }
  }

  @Test
  void queuesGiveTheOldestAndStacksTheYoungest() {
    try (var queue = TestMaps.create(MapType.QUEUE);
        var stack = TestMaps.create(MapType.STACK)) {
      var taken = value(-1);
      assertThat(queue.pop(taken)).isFalse();
      assertThat(stack.peek(taken)).isFalse();
      assertThat(taken.get(JAVA_LONG, 0)).isEqualTo(-1);
      for (int i = 0; i < TestMaps.CAPACITY; i++) {
        queue.push(value(i));
        stack.push(value(i));
      }
      assertThatExceptionOfType(MapFullException.class).isThrownBy(() -> queue.push(value(8)));
      queue.pushReplacingOldest(value(8));

      assertThat(queue.peek(taken)).isTrue();
      assertThat(taken.get(JAVA_LONG, 0)).isEqualTo(1);
      assertThat(queue.pop(taken)).isTrue();
      assertThat(taken.get(JAVA_LONG, 0)).isEqualTo(1);
      assertThat(stack.pop(taken)).isTrue();
      assertThat(taken.get(JAVA_LONG, 0)).isEqualTo(7);
    }
  }

  @Test
  void whatIsLookedUpAndDeletedIsGone() {
    try (var map = TestMaps.hash(5)) {
      map.update(key(1), value(10), UpdateMode.ANY);
      var taken = value(0);

      assertThat(map.lookupAndDelete(key(1), taken)).isTrue();
      assertThat(taken.get(JAVA_LONG, 0)).isEqualTo(10);
      assertThat(map.lookupAndDelete(key(1), taken)).isFalse();
    }
  }

  @Test
  void whatAModeForbidsCanBeAnAnswer() {
    try (var map = TestMaps.hash(1)) {
      assertThat(map.tryUpdate(key(1), value(10), UpdateMode.EXIST)).isFalse();
      assertThat(map.tryUpdate(key(1), value(10), UpdateMode.NO_EXIST)).isTrue();
      assertThat(map.tryUpdate(key(1), value(11), UpdateMode.NO_EXIST)).isFalse();
      assertThat(map.tryUpdate(key(1), value(12), UpdateMode.EXIST)).isTrue();
      assertThatExceptionOfType(MapFullException.class)
          .isThrownBy(() -> map.tryUpdate(key(2), value(10), UpdateMode.NO_EXIST));
    }
  }

  @Test
  void anIndexBeyondAnArrayIsNotFoundAndCannotBeWritten() {
    try (var map = TestMaps.create(MapType.ARRAY)) {
      assertThat(map.lookup(key(TestMaps.CAPACITY), value(0))).isFalse();
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> map.update(key(TestMaps.CAPACITY), value(0), UpdateMode.ANY))
          .withMessage("update map test: there are indices below 8 only [E2BIG]");
    }
  }

  @Test
  void nothingWorksOnAClosedHandle() {
    var map = TestMaps.hash(5);
    map.close();
    map.close();

    assertThatIllegalStateException().isThrownBy(map::info).withMessage("map test is closed");
    assertThatIllegalStateException().isThrownBy(map::freeze);
    assertThatIllegalStateException().isThrownBy(() -> map.lookupAndDelete(key(1), value(1)));
    assertThatIllegalStateException().isThrownBy(() -> map.lookupLocked(key(1), value(1)));
    assertThatIllegalStateException()
        .isThrownBy(() -> map.updateLocked(key(1), value(1), UpdateMode.ANY));
    assertThatIllegalStateException()
        .isThrownBy(() -> map.tryUpdate(key(1), value(1), UpdateMode.ANY));
    assertThatIllegalStateException().isThrownBy(() -> map.push(value(1)));
    assertThatIllegalStateException().isThrownBy(() -> map.peek(value(1)));
    assertThatIllegalStateException().isThrownBy(() -> map.pop(value(1)));
    assertThatIllegalStateException().isThrownBy(() -> map.updateBatch(key(1), value(1), 1));
    assertThatIllegalStateException().isThrownBy(() -> map.deleteBatch(key(1), 1));
    assertThatIllegalStateException().isThrownBy(() -> map.lookupBatches(arena, 1).next());
    assertThatIllegalStateException().isThrownBy(() -> map.forEachKey(_ -> {}));
    assertThat(map.maxEntries()).isEqualTo(5);
  }

  @Test
  void theMapsOfAnObjectAreClosedWithIt() {
    var object = Fixture.load();
    var map = object.map("numbers");
    object.close();

    assertThatIllegalStateException().isThrownBy(map::info);
  }
}
