// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfMapSpec;
import io.github.jbypass.core.MapType;
import io.github.jbypass.core.TestMaps;
import io.github.jbypass.core.UnsupportedByTypeException;
import io.github.jbypass.core.internal.TrialSocket;
import io.github.jbypass.testing.KernelTest;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Per-CPU maps, maps of maps and socket storage. */
@KernelTest
class OtherMapsTest {
  @Test
  void aPerCpuMapHasAValueForEachCpu() {
    try (var hash = TestMaps.create(MapType.PERCPU_HASH)) {
      var map = PerCpuMap.of(hash, Codec.INT, Codec.LONG);
      int cpus = hash.transferSize() / Long.BYTES;
      var values = Collections.nCopies(cpus, 7L);
      assertThat(map.get(1)).isNull();
      assertThat(map.merge(1, Long::sum)).isNull();
      map.put(1, values);

      assertThat(map.get(1)).isEqualTo(values);
      assertThat(map.merge(1, Long::sum)).isEqualTo(7L * cpus);
      var all = new HashMap<Integer, List<Long>>();
      map.forEach(all::put);
      assertThat(all).containsOnlyKeys(1).containsValue(values);
      assertThat(map.getAndRemove(1)).isEqualTo(values);
      assertThat(map.getAndRemove(1)).isNull();
      assertThat(map.remove(1)).isFalse();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> map.put(1, Collections.nCopies(cpus + 1, 7L)))
          .withMessage((cpus + 1) + " values for " + cpus + " possible CPUs");
    }
  }

  @Test
  void onlyPerCpuMapsHaveValuesForEachCpu() {
    try (var hash = TestMaps.hash(1)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PerCpuMap.of(hash, Codec.INT, Codec.LONG))
          .withMessageContaining("use a TypedMap");
    }
  }

  @Test
  void innerMapsArePutInAndFoundByTheirNumbers() {
    for (var type : List.of(MapType.HASH_OF_MAPS, MapType.ARRAY_OF_MAPS)) {
      try (var outer = TestMaps.create(type);
          var inner = TestMaps.create(MapType.ARRAY)) {
        var map = MapOfMaps.of(outer, Codec.INT);
        assertThat(map.id(1)).isEmpty();
        assertThat(map.open(1)).isNull();
        map.put(1, inner);

        assertThat(map.id(1)).hasValue(inner.info().id());
        var all = new HashMap<Integer, Integer>();
        map.forEach(all::put);
        assertThat(all).containsEntry(1, inner.info().id());
        assertThat(map.remove(1)).isTrue();
        assertThat(map.id(1)).isEmpty();
        assertThat(map.remove(1)).isFalse();
      }
    }
  }

  @Test
  void anInnerMapLivesOnWithoutItsHandle() {
    try (var outer = TestMaps.create(MapType.HASH_OF_MAPS)) {
      var map = MapOfMaps.of(outer, Codec.INT);
      try (var inner = TestMaps.create(MapType.ARRAY)) {
        LongMap.of(inner).put(3, 33);
        map.put(1, inner);
      }
      try (var inner = map.open(1)) {
        assertThat(inner).isNotNull();
        assertThat(LongMap.of(inner).get(3, -1)).isEqualTo(33);
      }
    }
  }

  @Test
  void anInnerMapHasToBeLikeTheOthers() {
    try (var outer = TestMaps.create(MapType.HASH_OF_MAPS);
        var other = BpfMap.create(new BpfMapSpec("other", MapType.HASH, 4, 8, 5));
        var hash = TestMaps.hash(1)) {
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> MapOfMaps.of(outer, Codec.INT).put(1, other))
          .withMessage(
              "update map test: the map is not like the inner maps that this one was created for"
                  + " [EINVAL]");
      assertThatIllegalArgumentException().isThrownBy(() -> MapOfMaps.of(hash, Codec.INT));
    }
  }

  @Test
  void aSocketKeepsItsValueUntilItIsRemoved() {
    try (var storage = TestMaps.create(MapType.SK_STORAGE);
        var socket = TrialSocket.looped();
        var another = TrialSocket.looped()) {
      var values = SocketStorage.of(storage, Codec.LONG);
      assertThat(values.get(socket.fd())).isNull();
      values.put(socket.fd(), 5L);
      assertThat(values.putIfAbsent(socket.fd(), 6L)).isFalse();
      assertThat(values.putIfAbsent(another.fd(), 7L)).isTrue();

      assertThat(values.get(socket.fd())).isEqualTo(5);
      assertThat(values.get(another.fd())).isEqualTo(7);
      assertThat(values.remove(socket.fd())).isTrue();
      assertThat(values.remove(socket.fd())).isFalse();
      assertThatExceptionOfType(UnsupportedByTypeException.class)
          .isThrownBy(() -> storage.forEachKey(_ -> {}));
    }
  }

  @Test
  void whatIsNoSocketHasNoStorage() {
    try (var storage = TestMaps.create(MapType.SK_STORAGE);
        var hash = TestMaps.hash(1)) {
      var values = SocketStorage.of(storage, Codec.LONG);

      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> values.get(999_999))
          .withMessageContaining("not a usable descriptor [EBADF]");
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> values.put(0, 1L))
          .withMessageContaining("[ENOTSOCK]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SocketStorage.of(hash, Codec.LONG))
          .withMessage("map test is a HASH, not an SK_STORAGE");
    }
  }
}
