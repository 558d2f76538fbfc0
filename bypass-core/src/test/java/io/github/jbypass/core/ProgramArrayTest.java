// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.jbypass.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Programs that call others by way of a map. */
@KernelTest
class ProgramArrayTest {
  private static final int CALLER = 3;
  private static final int SECOND = 2;

  private final Arena arena = Arena.ofConfined();
  private final TestNamespace namespace = new TestNamespace();
  private final BpfObject object = Fixture.open("packets").load();
  private final BpfMap called = object.map("called");
  private final MemorySegment key = arena.allocate(JAVA_INT);

  @AfterEach
  void release() {
    object.close();
    namespace.close();
    arena.close();
  }

  private int whoSeesAPacket() {
    object.global("order").set(JAVA_INT, 0, 0);
    namespace.sendPacket();
    return object.global("order").get(JAVA_INT, 0) & 0xF;
  }

  @Test
  void theProgramThatIsThereIsCalled() {
    try (var filter = object.program("calls").attach(namespace.loopback(), TcDirection.INGRESS)) {
      assertThat(whoSeesAPacket()).isEqualTo(CALLER);
      called.update(key, object.program("second"));
      assertThat(whoSeesAPacket()).isEqualTo(SECOND);
      called.delete(key);
      assertThat(whoSeesAPacket()).as("with %s", filter).isEqualTo(CALLER);
    }
  }

  @Test
  void theMapTellsTheProgramsNumber() {
    called.update(key, object.program("second"));
    var number = arena.allocate(JAVA_INT);
    assertThat(called.lookup(key, number)).isTrue();
    assertThat(number.get(JAVA_INT, 0)).isEqualTo(object.program("second").id());
  }

  @Test
  void theKernelEmptiesItWhenNobodyHasItOpen() throws InterruptedException {
    called.update(key, object.program("second"));
    int id = called.info().id();
    object.program("calls").attachPersistent(namespace.loopback(), TcDirection.INGRESS, "calls", 1);
    object.close();
    for (int tries = 0; isThere(id) && tries < 500; tries++) {
      Thread.sleep(10); // a worker of the kernel does it
    }
    assertThat(isThere(id)).isFalse();
  }

  private boolean isThere(int id) {
    try (var again = BpfMap.openById(id)) {
      return again.lookup(key, arena.allocate(JAVA_INT));
    }
  }

  @Test
  void programsOfAnotherTypeAreRefused() {
    try (var other = Fixture.load()) {
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> called.update(key, other.program("pass_message")))
          .satisfies(failure -> assertThat(failure.errno()).isEqualTo(22));
    }
  }

  @Test
  void otherMapsHoldNoPrograms() {
    try (var hash = TestMaps.hash(1)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> hash.update(key, object.program("second")))
          .withMessageContaining("does not hold programs");
    }
  }
}
