// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

@KernelTest
class MappedArrayTest {
  private static final BpfMapSpec SPEC =
      new BpfMapSpec("mapped", MapType.ARRAY, 4, 20, 1000).with(MapFlag.MMAPABLE);

  @Test
  void whatProgramsCountIsSeenWithoutASystemCall() throws Exception {
    try (var group = TestCgroup.create();
        var spec = Fixture.open("maps");
        var object = DeclaredMapsTest.load(spec);
        var counters = object.map("counters").mapped(MappedArray.Access.READ);
        var _ = object.program("count").attach(group.cgroup())) {
      var numbers = counters.longs();
      assertThat(numbers.length()).isEqualTo(4);
      assertThat(numbers.getVolatile(0)).isZero();
      Traffic.connectIn(group);

      assertThat(numbers.getVolatile(0))
          .isPositive()
          .isEqualTo(object.longs("numbers_of_program").getVolatile(1));
    }
  }

  @Test
  void entriesLieAtTheirIndexRoundedUpToEightBytes() {
    try (var map = BpfMap.create(SPEC);
        var mapped = map.mapped(MappedArray.Access.READ_WRITE);
        var arena = Arena.ofConfined()) {
      assertThat(mapped.length()).isEqualTo(1000);
      mapped.entry(999).set(JAVA_INT, 16, 77);
      mapped.longs(8).setVolatile(998, 88);
      var value = arena.allocate(20, 8);

      assertThat(map.lookup(arena.allocateFrom(JAVA_INT, 999), value)).isTrue();
      assertThat(value.get(JAVA_INT, 16)).isEqualTo(77);
      assertThat(map.lookup(arena.allocateFrom(JAVA_INT, 998), value)).isTrue();
      assertThat(value.get(JAVA_LONG, 8)).isEqualTo(88);
      assertThat(mapped.entry(0).byteSize()).isEqualTo(20);
    }
  }

  @Test
  void whatLiesOutsideIsRefused() {
    try (var map = BpfMap.create(SPEC);
        var mapped = map.mapped(MappedArray.Access.READ)) {
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> mapped.entry(1000));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> mapped.longs().getOpaque(-1));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> mapped.longs(16))
          .withMessage("no 8 aligned bytes at offset 16 of a value of 20");
      assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> mapped.longs(4));
    }
  }

  @Test
  void aReadOnlyMappingCannotBeWritten() {
    try (var map = BpfMap.create(SPEC);
        var mapped = map.mapped(MappedArray.Access.READ)) {
      assertThatIllegalArgumentException().isThrownBy(() -> mapped.entry(0).set(JAVA_LONG, 0, 1));
      assertThatIllegalArgumentException().isThrownBy(() -> mapped.longs().setVolatile(0, 1));
    }
  }

  @Test
  void aFrozenMapCanBeMappedToBeReadOnly() {
    try (var map = BpfMap.create(SPEC)) {
      map.freeze();
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> map.mapped(MappedArray.Access.READ_WRITE))
          .withMessage(
              "map the memory of map mapped: the map is frozen: user space can't change it any more"
                  + " [EPERM]");
      try (var mapped = map.mapped(MappedArray.Access.READ)) {
        assertThat(mapped.longs().getOpaque(0)).isZero();
      }
    }
  }

  @Test
  void whatIsMappedToBeWrittenCannotBeFrozen() {
    try (var map = BpfMap.create(SPEC);
        var _ = map.mapped(MappedArray.Access.READ_WRITE)) {
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(map::freeze)
          .withMessageContaining("its memory is mapped to be written [EBUSY]");
    }
  }

  @Test
  void aMappingOutlivesItsMapAndEndsWithItsOwnClose() {
    var map = BpfMap.create(SPEC);
    var mapped = map.mapped(MappedArray.Access.READ_WRITE);
    map.close();
    var numbers = mapped.longs();
    numbers.getAndAdd(1, 5);
    assertThat(numbers.getVolatile(1)).isEqualTo(5);
    mapped.close();
    mapped.close();

    assertThatIllegalStateException().isThrownBy(() -> numbers.getVolatile(1));
    assertThatIllegalStateException().isThrownBy(() -> numbers.setRelease(1, 1));
    assertThatIllegalStateException().isThrownBy(() -> mapped.entry(1).get(JAVA_INT, 0));
    assertThatIllegalStateException().isThrownBy(() -> map.mapped(MappedArray.Access.READ));
  }

  @Test
  void onlyArraysThatWereMadeForItCanBeMapped() {
    try (var hash = TestMaps.create(MapType.HASH);
        var array = TestMaps.create(MapType.ARRAY)) {
      assertThatExceptionOfType(UnsupportedByTypeException.class)
          .isThrownBy(() -> hash.mapped(MappedArray.Access.READ))
          .withMessageContaining("maps of type HASH can't do that");
      assertThatExceptionOfType(UnsupportedByTypeException.class)
          .isThrownBy(() -> array.mapped(MappedArray.Access.READ))
          .withMessageContaining("created without BPF_F_MMAPABLE");
    }
  }
}
