// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfMapSpec;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.MapType;
import io.github.jbypass.core.TestMaps;
import io.github.jbypass.testing.KernelTest;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@KernelTest
class LongMapTest {
  @ParameterizedTest
  @CsvSource({"4,4", "4,8", "8,4", "8,8"})
  void entriesComeAndGo(int keySize, int valueSize) {
    try (var hash =
        BpfMap.create(new BpfMapSpec("numbers", MapType.HASH, keySize, valueSize, 10))) {
      var map = LongMap.of(hash);
      assertThat(map.get(1, -1)).isEqualTo(-1);
      assertThat(map.contains(1)).isFalse();
      map.put(1, 10);
      assertThat(map.putIfAbsent(1, 11)).isFalse();
      assertThat(map.putIfAbsent(2, 20)).isTrue();
      assertThat(map.replace(2, 21)).isTrue();
      assertThat(map.replace(3, 30)).isFalse();
      var found = new HashMap<Long, Long>();
      map.forEach(found::put);

      assertThat(found).isEqualTo(Map.of(1L, 10L, 2L, 21L));
      assertThat(map.contains(2)).isTrue();
      assertThat(map.getAndRemove(1, -1)).isEqualTo(10);
      assertThat(map.getAndRemove(1, -1)).isEqualTo(-1);
      assertThat(map.remove(2)).isTrue();
      assertThat(map.remove(2)).isFalse();
    }
  }

  @Test
  void numbersOfFourBytesAreUnsigned() {
    try (var hash = BpfMap.create(new BpfMapSpec("numbers", MapType.HASH, 4, 4, 10))) {
      var map = LongMap.of(hash);
      map.put(0xffffffffL, 0x80000000L);

      assertThat(map.get(0xffffffffL, -1)).isEqualTo(0x80000000L);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> map.put(1, 1L << 32))
          .withMessage("4294967296 does not fit into the 4 bytes of map numbers");
      assertThatIllegalArgumentException().isThrownBy(() -> map.get(-1, 0));
    }
  }

  @Test
  void numbersOfEightBytesAreTheirBits() {
    try (var hash = BpfMap.create(new BpfMapSpec("numbers", MapType.HASH, 8, 8, 10))) {
      var map = LongMap.of(hash);
      map.put(Long.MIN_VALUE, -1);

      assertThat(map.get(Long.MIN_VALUE, 0)).isEqualTo(-1);
    }
  }

  @Test
  void whatIsNotANumberIsRefused() {
    try (var wide = BpfMap.create(new BpfMapSpec("wide", MapType.HASH, 16, 12, 10));
        var percpu = TestMaps.create(MapType.PERCPU_ARRAY)) {
      assertThatExceptionOfType(LayoutMismatchException.class)
          .isThrownBy(() -> LongMap.of(wide))
          .satisfies(
              e ->
                  assertThat(e.differences())
                      .containsExactly(
                          "keys: numbers have 4 or 8 bytes, the map 16",
                          "values: numbers have 4 or 8 bytes, the map 12"));
      assertThatIllegalArgumentException().isThrownBy(() -> LongMap.of(percpu));
    }
  }
}
