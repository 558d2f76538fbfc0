// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.jbypass.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@KernelTest
class BatchTest {
  private static final int ENTRIES = 1000;

  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void release() {
    arena.close();
  }

  private MemorySegment ints(int from, int to) {
    var keys = arena.allocate(JAVA_INT, to - from);
    for (int i = from; i < to; i++) {
      keys.setAtIndex(JAVA_INT, i - from, i);
    }
    return keys;
  }

  private MemorySegment longs(int from, int to) {
    var values = arena.allocate(JAVA_LONG, to - from);
    for (int i = from; i < to; i++) {
      values.setAtIndex(JAVA_LONG, i - from, i * 10L);
    }
    return values;
  }

  private void fill(BpfMap map, int entries) {
    map.updateBatch(ints(0, entries), longs(0, entries), entries);
  }

  private static Map<Integer, Long> readAll(BatchCursor cursor) {
    var found = new HashMap<Integer, Long>();
    while (cursor.next()) {
      for (int i = 0; i < cursor.count(); i++) {
        var previous = found.put(cursor.key(i).get(JAVA_INT, 0), cursor.value(i).get(JAVA_LONG, 0));
        assertThat(previous).as("handed out twice").isNull();
      }
    }
    assertThat(cursor.next()).isFalse();
    return found;
  }

  private static Map<Integer, Long> expected(int from, int to) {
    var expected = new HashMap<Integer, Long>();
    for (int i = from; i < to; i++) {
      expected.put(i, i * 10L);
    }
    return expected;
  }

  /** With room for one entry, every bucket that holds two makes the kernel say ENOSPC. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 256, ENTRIES, 4 * ENTRIES})
  void everyEntryIsReadOnceWhateverTheSizeOfTheBatches(int size) {
    try (var map = TestMaps.hash(ENTRIES)) {
      fill(map, ENTRIES);

      assertThat(readAll(map.lookupBatches(arena, size))).isEqualTo(expected(0, ENTRIES));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 64, 4 * ENTRIES})
  void whatIsReadAndDeletedIsHandedOutOnceAndGone(int size) {
    try (var map = TestMaps.hash(ENTRIES)) {
      fill(map, ENTRIES);

      assertThat(readAll(map.lookupAndDeleteBatches(arena, size))).isEqualTo(expected(0, ENTRIES));
      assertThat(map.nextKey(null, arena.allocate(JAVA_INT))).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100})
  void aCursorThatIsRewoundReadsTheMapAsItIsThen(int size) {
    try (var map = TestMaps.hash(200)) {
      var cursor = map.lookupBatches(arena, size);
      assertThat(readAll(cursor)).isEmpty();
      fill(map, 100);
      assertThat(readAll(cursor.rewind())).isEqualTo(expected(0, 100));

      cursor.rewind().next();
      assertThat(readAll(cursor.rewind())).isEqualTo(expected(0, 100));
    }
  }

  @Test
  void anEmptyMapHasNoBatches() {
    try (var map = TestMaps.hash(ENTRIES)) {
      assertThat(map.lookupBatches(arena, 16).next()).isFalse();
      assertThat(map.lookupAndDeleteBatches(arena, 16).next()).isFalse();
    }
  }

  @Test
  void keysThatAreSmallerThanABucketsNumberAreNoTrouble() {
    try (var map = BpfMap.create(new BpfMapSpec("tiny", MapType.HASH, 1, 1, 200))) {
      var key = arena.allocate(1);
      for (int i = 0; i < 200; i++) {
        key.set(JAVA_BYTE, 0, (byte) i);
        map.update(key, key, UpdateMode.ANY);
      }
      int found = 0;
      for (var cursor = map.lookupBatches(arena, 9); cursor.next(); found += cursor.count()) {
        assertThat(cursor.key(0).mismatch(cursor.value(0))).isNegative();
      }
      assertThat(found).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PERCPU_HASH", "LRU_PERCPU_HASH", "PERCPU_ARRAY"})
  void perCpuMapsMoveTheValuesOfAllCpus(MapType type) {
    try (var map = TestMaps.create(type)) {
      var values = map.perCpu(arena);
      for (int cpu = 0; cpu < values.cpus(); cpu++) {
        values.slice(cpu).set(JAVA_LONG, 0, cpu + 100);
      }
      map.updateBatch(ints(5, 6), values.values(), 1);

      var cursor = map.lookupBatches(arena, 2 * TestMaps.CAPACITY);
      assertThat(cursor.next()).isTrue();
      for (int i = 0; i < cursor.count(); i++) {
        if (cursor.key(i).get(JAVA_INT, 0) == 5) {
          assertThat(cursor.value(i).mismatch(values.values())).isNegative();
          return;
        }
      }
      throw new AssertionError("not found");
    }
  }

  @Test
  void anArrayIsReadInItsOrder() {
    try (var map = TestMaps.create(MapType.ARRAY)) {
      fill(map, TestMaps.CAPACITY);

      var cursor = map.lookupBatches(arena, 3);
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.keys().asSlice(0, 12).toArray(JAVA_INT)).containsExactly(0, 1, 2);
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.count()).isEqualTo(2);
      assertThat(cursor.values().asSlice(0, 16).toArray(JAVA_LONG)).containsExactly(60, 70);
      assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> cursor.key(2));
      assertThat(cursor.next()).isFalse();
    }
  }

  @Test
  void aTrieIsReadInBatchesThatGoOnBehindTheLastKey() {
    try (var map = TestMaps.create(MapType.LPM_TRIE)) {
      var key = arena.allocate(JAVA_LONG);
      for (int i = 0; i < TestMaps.CAPACITY; i++) {
        key.set(JAVA_INT, 0, 32);
        key.set(JAVA_INT, 4, i);
        map.update(key, longs(i, i + 1), UpdateMode.ANY);
      }
      var found = new HashMap<Integer, Long>();
      for (var cursor = map.lookupBatches(arena, 3); cursor.next(); ) {
        for (int i = 0; i < cursor.count(); i++) {
          found.put(cursor.key(i).get(JAVA_INT, 4), cursor.value(i).get(JAVA_LONG, 0));
        }
      }
      assertThat(found).isEqualTo(expected(0, TestMaps.CAPACITY));
    }
  }

  @Test
  void keysThatAreNotThereArePassedOverByADeletion() {
    try (var map = TestMaps.hash(ENTRIES)) {
      map.updateBatch(ints(10, 20), longs(10, 20), 10);
      map.delete(ints(15, 16));

      assertThat(map.deleteBatch(ints(0, 25), 25)).isEqualTo(9);
      assertThat(map.nextKey(null, arena.allocate(JAVA_INT))).isFalse();
      assertThat(map.deleteBatch(ints(0, 5), 5)).isZero();
      assertThat(map.deleteBatch(ints(0, 0), 0)).isZero();
    }
  }

  @Test
  void anUpdateThatDoesNotFitTellsHowFarItCame() {
    try (var map = TestMaps.hash(5)) {
      assertThatExceptionOfType(BatchFailedException.class)
          .isThrownBy(() -> fill(map, 8))
          .withMessage(
              "update a batch of map test: stopped after 5 of 8 entries: update a batch of map test:"
                  + " full: it holds at most 5 entries [E2BIG] [E2BIG]")
          .withCauseInstanceOf(MapFullException.class)
          .satisfies(e -> assertThat(e.completed()).isEqualTo(5));
      assertThat(readAll(map.lookupBatches(arena, 8))).isEqualTo(expected(0, 5));
    }
  }

  @Test
  void aMapThatUserSpaceMayNotWriteRefusesTheFirstEntry() {
    try (var map = TestMaps.hash(5)) {
      map.freeze();
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> fill(map, 2))
          .satisfies(e -> assertThat(((BatchFailedException) e).completed()).isZero())
          .withMessageContaining("the map is frozen");
    }
  }

  @Test
  void memoryThatIsTooSmallIsRefused() {
    try (var map = TestMaps.hash(5)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> map.updateBatch(ints(0, 3), longs(0, 2), 3))
          .withMessage("the memory of the values for map test has 16 bytes, not 24");
      assertThatIllegalArgumentException().isThrownBy(() -> map.deleteBatch(ints(0, 3), 4));
      assertThatIllegalArgumentException().isThrownBy(() -> map.deleteBatch(ints(0, 3), -1));
      assertThatIllegalArgumentException().isThrownBy(() -> map.lookupBatches(arena, 0));
    }
  }

  @Test
  void aCursorEndsWithItsMap() {
    var map = TestMaps.hash(ENTRIES);
    fill(map, 100);
    var cursor = map.lookupBatches(arena, 10);
    assertThat(cursor.next()).isTrue();
    map.close();

    assertThatIllegalStateException().isThrownBy(cursor::next).withMessage("map test is closed");
  }
}
