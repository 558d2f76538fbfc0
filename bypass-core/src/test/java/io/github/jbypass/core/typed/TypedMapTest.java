// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.jbypass.core.BatchFailedException;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfMapSpec;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.MapFullException;
import io.github.jbypass.core.MapType;
import io.github.jbypass.core.TestMaps;
import io.github.jbypass.core.UnsupportedByTypeException;
import io.github.jbypass.core.internal.TrialSocket;
import io.github.jbypass.testing.KernelTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@KernelTest
class TypedMapTest {
  private static Map<Integer, Long> numbers(int count) {
    var numbers = new TreeMap<Integer, Long>();
    for (int i = 0; i < count; i++) {
      numbers.put(i, i * 10L);
    }
    return numbers;
  }

  private static <K, V> Map<K, V> contents(TypedMap<K, V> map) {
    var contents = new HashMap<K, V>();
    map.forEach(contents::put);
    return contents;
  }

  private static TypedMap<Integer, Long> typed(BpfMap map) {
    return TypedMap.of(map, Codec.INT, Codec.LONG);
  }

  @Test
  void whatIsNotThereIsNullOrFalse() {
    try (var hash = TestMaps.hash(5)) {
      var map = typed(hash);

      assertThat(map.get(1)).isNull();
      assertThat(map.remove(1)).isFalse();
      assertThat(map.replace(1, 5L)).isFalse();
      assertThat(map.getAndRemove(1)).isNull();
      assertThat(map.removeAll(List.of(1, 2))).isZero();
      assertThat(contents(map)).isEmpty();
    }
  }

  @Test
  void entriesComeAndGo() {
    try (var hash = TestMaps.hash(5)) {
      var map = typed(hash);
      map.put(1, 10L);
      assertThat(map.putIfAbsent(1, 11L)).isFalse();
      assertThat(map.putIfAbsent(2, 20L)).isTrue();
      assertThat(map.replace(2, 21L)).isTrue();

      assertThat(contents(map)).isEqualTo(Map.of(1, 10L, 2, 21L));
      assertThat(map.getAndRemove(1)).isEqualTo(10);
      assertThat(map.remove(2)).isTrue();
      assertThat(contents(map)).isEmpty();
    }
  }

  @Test
  void aFullMapIsAnErrorWhateverTheCall() {
    try (var hash = TestMaps.hash(1)) {
      var map = typed(hash);
      map.put(1, 10L);

      assertThatExceptionOfType(MapFullException.class).isThrownBy(() -> map.put(2, 20L));
      assertThatExceptionOfType(MapFullException.class).isThrownBy(() -> map.putIfAbsent(2, 20L));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HASH", "LRU_HASH"})
  void manyEntriesMoveAtOnce(MapType type) {
    try (var hash = BpfMap.create(new BpfMapSpec("many", type, 4, 8, 10_000))) {
      var map = typed(hash);
      map.putAll(numbers(2000));
      map.putAll(Map.of());

      assertThat(contents(map)).isEqualTo(numbers(2000));
      assertThat(map.removeAll(List.of(5, 3000, 6, 6))).isEqualTo(2);
      var drained = new HashMap<Integer, Long>();
      map.drain(drained::put);
      assertThat(drained).hasSize(1998).containsEntry(1999, 19990L);
      assertThat(contents(map)).isEmpty();
    }
  }

  @Test
  void howFarABatchCameIsTold() {
    try (var hash = TestMaps.hash(3)) {
      assertThatExceptionOfType(BatchFailedException.class)
          .isThrownBy(() -> typed(hash).putAll(numbers(5)))
          .satisfies(e -> assertThat(e.completed()).isEqualTo(3));
      assertThat(contents(typed(hash))).isEqualTo(numbers(3));
    }
  }

  @Test
  void aMapWithoutBatchesIsFilledAndEmptiedOneByOne() {
    try (var hash = TestMaps.create(MapType.SOCKHASH);
        var socket = TrialSocket.looped()) {
      var map = typed(hash);
      map.putAll(Map.of(1, (long) socket.fd(), 2, (long) socket.fd()));

      var cookies = contents(map);
      assertThat(cookies).containsOnlyKeys(1, 2);
      assertThat(cookies.get(1)).isEqualTo(cookies.get(2)).isNotEqualTo((long) socket.fd());
      var keys = new ArrayList<Integer>();
      map.forEachKey(keys::add);
      assertThat(keys).containsExactlyInAnyOrder(1, 2);
      assertThatExceptionOfType(BatchFailedException.class)
          .isThrownBy(() -> map.putAll(Map.of(3, 999_999L)))
          .satisfies(e -> assertThat(e.completed()).isZero());
      assertThat(map.removeAll(List.of(1, 2, 3))).isEqualTo(2);
      assertThat(contents(map)).isEmpty();
    }
  }

  @Test
  void whatWouldNotMeanTheSameOneByOneIsNotDoneAtAll() {
    try (var hash = TestMaps.create(MapType.SOCKHASH)) {
      assertThatExceptionOfType(UnsupportedByTypeException.class)
          .isThrownBy(() -> typed(hash).getAndRemove(1));
      assertThatExceptionOfType(UnsupportedByTypeException.class)
          .isThrownBy(() -> typed(hash).drain((_, _) -> {}));
    }
  }

  @Test
  void codecsOfOtherSizesAreRefusedWithAllDifferences() {
    try (var hash = TestMaps.hash(1);
        var percpu = TestMaps.create(MapType.PERCPU_HASH)) {
      assertThatExceptionOfType(LayoutMismatchException.class)
          .isThrownBy(() -> TypedMap.of(hash, Codec.LONG, Codec.bytes(3)))
          .withMessage(
              "check the layout of map test: keys: Java has 8 bytes, the map 4;"
                  + " values: Java has 3 bytes, the map 8");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TypedMap.of(percpu, Codec.INT, Codec.LONG))
          .withMessageContaining("use a PerCpuMap");
    }
  }

  @Test
  void bytesAreKeysToo() {
    try (var trie = TestMaps.create(MapType.LPM_TRIE)) {
      var map = TypedMap.of(trie, Codec.bytes(8), Codec.LONG);
      map.put(new byte[] {8, 0, 0, 0, 10, 0, 0, 0}, 77L);

      assertThat(map.get(new byte[] {32, 0, 0, 0, 10, 1, 2, 3})).isEqualTo(77);
      assertThat(map.get(new byte[] {32, 0, 0, 0, 11, 1, 2, 3})).isNull();
      assertThatIllegalArgumentException().isThrownBy(() -> map.get(new byte[7]));
    }
  }

  @Test
  void callbacksMayUseTheMap() {
    try (var hash = TestMaps.hash(100)) {
      var map = typed(hash);
      map.putAll(numbers(50));
      map.forEach((key, value) -> map.put(key, map.get(key) + 1));
      map.forEachKey(key -> assertThat(map.remove(key)).isTrue());

      assertThat(contents(map)).isEmpty();
    }
  }

  @Test
  void threadsDoNotMixUpTheirMemory() throws Exception {
    try (var hash = TestMaps.hash(1000);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var map = typed(hash);
      List<Future<?>> work = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        int key = i;
        work.add(
            threads.submit(
                () -> {
                  for (long round = 0; round < 50; round++) {
                    map.put(key, key * 1000L + round);
                    assertThat(map.get(key)).isEqualTo(key * 1000L + round);
                  }
                }));
      }
      for (var done : work) {
        done.get();
      }
    }
  }

  @Test
  void nothingWorksOnceTheMapIsClosed() {
    var hash = TestMaps.hash(1);
    var map = typed(hash);
    hash.close();

    assertThatIllegalStateException().isThrownBy(() -> map.get(1));
    assertThatIllegalStateException().isThrownBy(() -> map.put(1, 1L));
    assertThatIllegalStateException().isThrownBy(() -> map.putAll(Map.of(1, 1L)));
    assertThatIllegalStateException().isThrownBy(() -> map.forEachKey(_ -> {}));
  }
}
