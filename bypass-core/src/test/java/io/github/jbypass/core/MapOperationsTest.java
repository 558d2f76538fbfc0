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
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class MapOperationsTest {
  private static final int CAPACITY = 8;

  private Arena arena;
  private BpfObject object;
  private BpfMap map;
  private MemorySegment key;
  private MemorySegment value;

  @BeforeEach
  void loadTheFixture() {
    arena = Arena.ofConfined();
    object = Fixture.load();
    map = object.map("numbers");
    key = arena.allocate(JAVA_INT);
    value = arena.allocate(JAVA_LONG);
  }

  @AfterEach
  void release() {
    object.close();
    arena.close();
  }

  private void put(int number, long content) {
    key.set(JAVA_INT, 0, number);
    value.set(JAVA_LONG, 0, content);
    map.update(key, value, UpdateMode.ANY);
  }

  @Test
  void aMapTellsItsShape() {
    assertThat(map.type()).isEqualTo(MapType.HASH);
    assertThat(map.keySize()).isEqualTo(Integer.BYTES);
    assertThat(map.valueSize()).isEqualTo(Long.BYTES);
    assertThat(map.transferSize()).isEqualTo(Long.BYTES);
    assertThat(map.maxEntries()).isEqualTo(CAPACITY);
    assertThat(object.map("sockets").type()).isEqualTo(MapType.SOCKHASH);
  }

  @Test
  void whatWasPutIsFoundUntilItIsDeleted() {
    put(7, 42);
    value.fill((byte) 0);

    assertThat(map.lookup(key, value)).isTrue();
    assertThat(value.get(JAVA_LONG, 0)).isEqualTo(42);
    assertThat(map.delete(key)).isTrue();
    assertThat(map.lookup(key, value)).isFalse();
    assertThat(map.delete(key)).isFalse();
  }

  @Test
  void aKeyThatIsNotThereLeavesTheValueAlone() {
    value.set(JAVA_LONG, 0, 99);

    assertThat(map.lookup(key, value)).isFalse();
    assertThat(value.get(JAVA_LONG, 0)).isEqualTo(99);
  }

  @Test
  void modesDecideAboutEntriesThatExist() {
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> map.update(key, value, UpdateMode.EXIST))
        .withMessageContaining("update map numbers: there is no entry to replace [ENOENT]")
        .satisfies(e -> assertThat(e.errno()).isEqualTo(2));

    map.update(key, value, UpdateMode.NO_EXIST);
    map.update(key, value, UpdateMode.EXIST);

    assertThatExceptionOfType(AlreadyExistsException.class)
        .isThrownBy(() -> map.update(key, value, UpdateMode.NO_EXIST))
        .withMessageContaining("update map numbers: the entry exists already [EEXIST]");
  }

  @Test
  void aFullMapSaysSo() {
    for (int i = 0; i < CAPACITY; i++) {
      put(i, i);
    }

    assertThatExceptionOfType(MapFullException.class)
        .isThrownBy(() -> put(CAPACITY, 0))
        .withMessage("update map numbers: full: it holds at most 8 entries [E2BIG]");
  }

  @Test
  void iterationFindsEveryKeyOnce() {
    for (int i = 0; i < CAPACITY; i++) {
      put(i * 1000, i);
    }

    Set<Integer> found = new HashSet<>();
    var cursor = arena.allocate(JAVA_INT);
    for (boolean more = map.nextKey(null, cursor); more; more = map.nextKey(cursor, cursor)) {
      assertThat(found.add(cursor.get(JAVA_INT, 0))).isTrue();
    }

    assertThat(found).containsExactlyInAnyOrder(0, 1000, 2000, 3000, 4000, 5000, 6000, 7000);
  }

  @Test
  void anEmptyMapHasNoFirstKey() {
    assertThat(map.nextKey(null, key)).isFalse();
  }

  @Test
  void aPerCpuMapMovesTheValuesOfAllCpus() {
    var percpu = object.map("percpu");
    assertThat(percpu.valueSize()).isEqualTo(Integer.BYTES);
    assertThat(percpu.transferSize()).isPositive();
    assertThat(percpu.transferSize() % Long.BYTES).isZero();
    assertThat(percpu.transferSize() / Long.BYTES)
        .isGreaterThanOrEqualTo(Runtime.getRuntime().availableProcessors());

    var values = arena.allocate(percpu.transferSize());
    values.set(JAVA_INT, percpu.transferSize() - Long.BYTES, 5);
    percpu.update(key, values, UpdateMode.ANY);
    values.fill((byte) -1);

    assertThat(percpu.lookup(key, values)).isTrue();
    assertThat(values.get(JAVA_INT, 0)).isZero();
    assertThat(values.get(JAVA_INT, percpu.transferSize() - Long.BYTES)).isEqualTo(5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> percpu.lookup(key, arena.allocate(percpu.transferSize() - 1)));
  }

  @Test
  void memoryThatTheKernelCannotUseIsRefused() {
    var onHeap = MemorySegment.ofArray(new int[1]);
    var small = arena.allocate(3);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> map.lookup(onHeap, value))
        .withMessage("the key for map numbers is on the heap: allocate it in an Arena");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> map.lookup(key, small))
        .withMessage("the value for map numbers has 3 bytes, not 8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> map.lookup(key, value.asReadOnly()))
        .withMessage("the value for map numbers is read-only");
    assertThatIllegalArgumentException().isThrownBy(() -> map.update(small, value, UpdateMode.ANY));
    assertThatIllegalArgumentException().isThrownBy(() -> map.update(key, small, UpdateMode.ANY));
    assertThatIllegalArgumentException().isThrownBy(() -> map.delete(small));
    assertThatIllegalArgumentException().isThrownBy(() -> map.nextKey(small, key));
    assertThatIllegalArgumentException().isThrownBy(() -> map.nextKey(key, key.asReadOnly()));
  }

  @Test
  void aDeadKeyIsAnExceptionNotACrash() {
    var other = Arena.ofConfined();
    var dead = other.allocate(JAVA_INT);
    other.close();

    assertThatIllegalStateException().isThrownBy(() -> map.delete(dead));
  }

  @Test
  void nothingWorksAfterClose() {
    object.close();

    assertThatIllegalStateException()
        .isThrownBy(() -> map.lookup(key, value))
        .withMessage("map numbers is closed");
    assertThatIllegalStateException().isThrownBy(() -> map.update(key, value, UpdateMode.ANY));
    assertThatIllegalStateException().isThrownBy(() -> map.delete(key));
    assertThatIllegalStateException().isThrownBy(() -> map.nextKey(null, key));
  }
}
