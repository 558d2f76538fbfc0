// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one process has loaded, seen by another that knows only the name of a program. */
@KernelTest
class RunningObjectTest {
  private final BpfObject loaded = Fixture.load();
  private List<RunningObject> found = List.of();

  @AfterEach
  void close() {
    found.forEach(RunningObject::close);
    loaded.close();
  }

  /** The one that was just loaded; other tests may run on this machine. */
  private RunningObject find() {
    found = RunningObject.withProgram("count_runs");
    int id = loaded.program("count_runs").info().btfId();
    return found.stream().filter(object -> object.id() == id).findAny().orElseThrow();
  }

  @Test
  void itHasTheProgramsAndTheTypesOfTheObject() {
    var running = find();
    assertThat(running.program("pass_message").id()).isEqualTo(loaded.program("pass_message").id());
    assertThat(running.btf().struct("outer")).isEqualTo(loaded.btf().struct("outer"));
    assertThat(running.btf().variables()).isEqualTo(loaded.btf().variables());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> running.program("count"))
        .withMessageContaining("no program count; there are [count_runs");
  }

  @Test
  void globalVariablesAreTheSameMemory() {
    var running = find();
    loaded.global("runs").set(JAVA_LONG, 0, 42);
    assertThat(running.global("runs").get(JAVA_LONG, 0)).isEqualTo(42);

    running.global("enabled").set(JAVA_INT, 0, 3);
    assertThat(loaded.global("enabled").get(JAVA_INT, 0)).isEqualTo(3);
    assertThat(running.global("step").get(JAVA_INT, 0)).isEqualTo(1);
    assertThat(running.global("step").isReadOnly()).isTrue();
  }

  @Test
  void mapsAreTheSameMaps() throws Exception {
    try (var producer = new Producer()) {
      found = RunningObject.withProgram("produce");
      int id = producer.object().program("produce").info().btfId();
      var running = found.stream().filter(object -> object.id() == id).findAny().orElseThrow();
      assertThat(running.map("ring").info().id())
          .isEqualTo(producer.object().map("ring").info().id());
      try (var ring = RingBuffer.open(running, "ring")) {
        producer.produce(5);
        assertThat(ring.poll((_, _, _) -> {}, Duration.ZERO)).isEqualTo(5);
        assertThat(ring.dropped()).hasValue(0);
      }
      assertThatIllegalArgumentException().isThrownBy(() -> running.map("numbers"));
    }
  }

  @Test
  void itsLinksAreThoseOfItsPrograms() {
    var running = find();
    assertThat(running.links("count_runs")).isEmpty();
    try (var group = TestCgroup.create();
        var link = loaded.program("count_runs").attach(group.cgroup())) {
      assertThat(running.links("count_runs")).containsExactly(link.info());
      assertThat(running.links("pass_message")).isEmpty();
    }
    assertThat(running.links("count_runs")).isEmpty();
  }

  @Test
  void anUnloadedObjectIsNotFound() {
    var running = find();
    int id = running.id();
    found.forEach(RunningObject::close);
    loaded.close();
    found = RunningObject.withProgram("count_runs");
    assertThat(found).noneMatch(object -> object.id() == id);
    assertThat(RunningObject.withProgram("no_such_program")).isEmpty();
  }

  @Test
  void aHandleKeepsTheObjectUntilItIsClosed() {
    var running = find();
    loaded.close();
    assertThat(running.global("runs").get(JAVA_LONG, 0)).isZero();

    running.close();
    running.close();
    assertThatIllegalStateException().isThrownBy(() -> running.global("runs"));
    assertThatIllegalStateException().isThrownBy(() -> running.program("count_runs").info());
  }
}
