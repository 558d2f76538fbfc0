// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

@KernelTest
class DeclaredMapsTest {
  private static final BpfMapSpec INNER = new BpfMapSpec("inner", MapType.ARRAY, 4, 8, 2);

  /** The object can't be loaded before somebody says what this map holds. */
  static BpfObject load(BpfObjectSpec spec) {
    try (var prototype = BpfMap.create(INNER)) {
      spec.innerMap("undeclared_inner", prototype);
    }
    return spec.load();
  }

  @Test
  void mapsAreInspectedBeforeTheyExist() {
    try (var spec = Fixture.open("maps")) {
      assertThat(spec.map("counters"))
          .isEqualTo(new BpfMapSpec("counters", MapType.ARRAY, 4, 8, 4).with(MapFlag.MMAPABLE));
      assertThat(spec.map("flows").keySize()).isEqualTo(24);
      assertThat(spec.map("per_socket").has(MapFlag.NO_PREALLOC)).isTrue();
      var outer = spec.map("declared_inner");
      assertThat(outer.type()).isEqualTo(MapType.HASH_OF_MAPS);
      assertThat(outer.inner()).isNotNull();
      assertThat(outer.inner().type()).isEqualTo(MapType.ARRAY);
      assertThat(outer.inner().maxEntries()).isEqualTo(2);
      assertThat(spec.map("undeclared_inner").inner()).isNull();
      spec.maxEntries("counters", 9);
      assertThat(spec.map("counters").maxEntries()).isEqualTo(9);
      assertThatIllegalArgumentException().isThrownBy(() -> spec.map("inner"));
    }
  }

  @Test
  void programsUseTheMapThatReplacedTheirs() throws Exception {
    try (var arena = Arena.ofConfined();
        var group = TestCgroup.create();
        var spec = Fixture.open("maps");
        var shared = BpfMap.create(spec.map("counters"))) {
      shared.update(arena.allocate(JAVA_INT), arena.allocateFrom(JAVA_LONG, 1000), UpdateMode.ANY);
      spec.replaceMap("counters", shared);
      try (var object = load(spec);
          var _ = object.program("count").attach(group.cgroup())) {
        assertThat(object.map("counters").info().id()).isEqualTo(shared.info().id());
        assertThat(object.map("counters").name()).isEqualTo("counters");
        Traffic.connectIn(group);
      }
      var value = arena.allocate(JAVA_LONG);
      assertThat(shared.lookup(arena.allocate(JAVA_INT), value)).isTrue();
      assertThat(value.get(JAVA_LONG, 0)).isGreaterThan(1000);
    }
  }

  @Test
  void aMapThatDiffersCannotReplaceAnother() {
    try (var spec = Fixture.open("maps");
        var other = BpfMap.create(new BpfMapSpec("other", MapType.HASH, 4, 16, 4))) {
      assertThatExceptionOfType(IncompatibleMapException.class)
          .isThrownBy(() -> spec.replaceMap("counters", other))
          .withMessageContaining("type: ARRAY wanted, HASH found; value size: 8 wanted, 16 found")
          .satisfies(
              e ->
                  assertThat(e.differences())
                      .containsExactly(
                          "type: ARRAY wanted, HASH found",
                          "value size: 8 wanted, 16 found",
                          "flags: 0x400 wanted, 0x0 found"));
    }
  }

  @Test
  void programsFindWhatUserSpacePutsIntoAMapOfMaps() throws Exception {
    try (var arena = Arena.ofConfined();
        var group = TestCgroup.create();
        var spec = Fixture.open("maps");
        var object = load(spec);
        var inner = BpfMap.create(INNER);
        var _ = object.program("count").attach(group.cgroup())) {
      var key = arena.allocate(JAVA_INT);
      object.map("declared_inner").update(key, inner, UpdateMode.ANY);
      Traffic.connectIn(group);

      var value = arena.allocate(JAVA_LONG);
      assertThat(inner.lookup(key, value)).isTrue();
      assertThat(value.get(JAVA_LONG, 0)).isPositive();
      object.map("undeclared_inner").update(key, inner, UpdateMode.ANY);
      var id = arena.allocate(JAVA_INT);
      assertThat(object.map("undeclared_inner").lookup(key, id)).isTrue();
      assertThat(id.get(JAVA_INT, 0)).isEqualTo(inner.info().id());
    }
  }

  @Test
  void aMapOfMapsThatNobodyDescribedIsNamed() {
    var spec = Fixture.open("maps");
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(spec::load)
        .withMessage(
            "create map undeclared_inner: the object does not say what the inner maps are like:"
                + " give innerMap a prototype that the kernel accepts [EINVAL]");
  }

  @Test
  void onlyMapsOfMapsHaveInnerMaps() {
    try (var spec = Fixture.open("maps");
        var prototype = BpfMap.create(INNER)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> spec.innerMap("counters", prototype))
          .withMessage("map counters does not hold maps");
      spec.innerMap("undeclared_inner", prototype);
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> spec.innerMap("undeclared_inner", prototype));
    }
  }

  @Test
  void aLockedValueIsReadAndWrittenWhole() {
    try (var arena = Arena.ofConfined();
        var spec = Fixture.open("maps");
        var object = load(spec);
        var plain = TestMaps.hash(1)) {
      var map = object.map("guarded");
      var key = arena.allocate(JAVA_INT);
      var value = arena.allocate(map.valueSize(), 8);
      value.set(JAVA_LONG, 8, 5);
      map.updateLocked(key, value, UpdateMode.NO_EXIST);
      value.fill((byte) -1);

      assertThat(map.lookupLocked(key, value)).isTrue();
      assertThat(value.get(JAVA_INT, 0)).isZero();
      assertThat(value.get(JAVA_LONG, 8)).isEqualTo(5);
      value.set(JAVA_LONG, 8, 6);
      map.updateLocked(key, value, UpdateMode.EXIST);

      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> plain.lookupLocked(key, value))
          .withMessageContaining("EINVAL");
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> plain.updateLocked(key, value, UpdateMode.ANY))
          .withMessageContaining("EINVAL");
    }
  }
}
