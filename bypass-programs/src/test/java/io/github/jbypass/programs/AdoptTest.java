// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.core.AlreadyExistsException;
import io.github.jbypass.core.DirectoryInUseException;
import io.github.jbypass.core.PinException;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.programs.testing.Content;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.programs.testing.Traffic;
import io.github.jbypass.programs.testing.Traffic.Shape;
import io.github.jbypass.testing.KernelTest;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A pinned data path outlives who made it, and is taken over in place. */
@KernelTest
class AdoptTest extends PinnedCase {
  private static final Content CONTENT = new Content(17);

  @Test
  void aPinnedDataPathRedirectsAfterTheClose() {
    Bypass bypass = builder().load().attach().pinTo(pins);
    Pair old = connect();
    Talk.on(old, 1);
    long redirected = bypass.counters().get(Counter.REDIRECTED);
    bypass.close();

    Talk.on(connect(), 2);
    Talk.on(old, 3);

    Bypass adopted = adopt();
    assertTrue(adopted.counters().get(Counter.REDIRECTED) >= 3 * redirected);
    assertEquals(2, adopted.counters().get(Counter.CONNECTIONS_PAIRED));
    adopted.attach();
    Talk.on(old, 4);
    Talk.on(connect(), 5);
    assertEquals(3, adopted.counters().get(Counter.CONNECTIONS_PAIRED));
  }

  @Test
  void unreadBytesSurviveTheChangeOfPrograms() {
    Bypass bypass = builder().load().pinTo(pins).attach();
    Pair pair = connect();
    pair.client().sendAll(CONTENT.bytes(0, 50_000));
    assertTrue(bypass.counters().get(Counter.REDIRECTED) > 0);
    bypass.close();

    adopt().attach();
    pair.client().sendAll(CONTENT.bytes(50_000, 1000));
    assertArrayEquals(CONTENT.bytes(0, 51_000), pair.server().receiveFully(51_000));
  }

  @Test
  void changesOfProgramsUnderLoadLoseNothingAndLeaveNoConnectionOut() {
    builder().load().attach().pinTo(pins).close();
    Traffic traffic = resources.add(Traffic.start(connect(8), Shape.endless()));
    int connections = 8;
    for (int i = 0; i < 20; i++) {
      try (Bypass adopted = builder().adopt(pins)) {
        Talk.on(connect(), i);
        adopted.attach();
        Talk.on(connect(), i);
        connections += 2;
        assertEquals(connections, adopted.counters().get(Counter.CONNECTIONS_PAIRED));
      }
      traffic.awaitMore(50);
    }
    traffic.stop().await();
  }

  @Test
  void whatIsSwitchedOffStaysOff() {
    Bypass bypass = builder().load().attach().pinTo(pins);
    bypass.disable();
    bypass.close();

    Bypass adopted = adopt().attach();
    assertFalse(adopted.isEnabled());
    Talk.on(connect(), 1);
    assertEquals(0, adopted.counters().get(Counter.REDIRECTED));
    adopted.enable();
    Talk.on(connect(), 2);
    assertTrue(adopted.counters().get(Counter.REDIRECTED) > 0);
  }

  @Test
  void anAdoptedOneThatIsNeverAttachedChangesNothing() {
    builder().load().attach().pinTo(pins).close();
    adopt().close();
    Talk.on(connect(), 1);
    Bypass adopted = adopt();
    assertEquals(1, adopted.counters().get(Counter.CONNECTIONS_PAIRED));
  }

  @Test
  void unloadedNothingIsLeft() {
    Bypass bypass = builder().load().attach().pinTo(pins);
    Pair pair = connect();
    Talk.on(pair, 1);
    bypass.unload();
    assertFalse(Files.exists(pins));
    Talk.on(pair, 2);
    Talk.on(connect(), 3);
  }

  @Test
  void adoptedThenUnloadedNothingIsLeft() {
    builder().load().attach().pinTo(pins).close();
    builder().adopt(pins).attach().unload();
    assertFalse(Files.exists(pins));
    builder().load().attach().pinTo(pins).close();
    builder().adopt(pins).unload();
    assertFalse(Files.exists(pins));
  }

  @Test
  void whereNothingIsPinnedThereIsNothingToAdopt() {
    var missing = assertThrows(PinException.class, () -> builder().adopt(pins));
    assertTrue(missing.getMessage().contains("nothing is pinned"), missing.getMessage());
    assertFalse(Files.exists(pins));
  }

  @Test
  void whatIsPinnedCanNotBePinnedOver() {
    builder().load().attach().pinTo(pins).close();
    try (Bypass other = builder().load()) {
      assertThrows(AlreadyExistsException.class, () -> other.pinTo(pins));
    }
    adopt().attach();
  }

  @Test
  void aDirectoryThatWasMadeForItStaysUntilItIsUnloaded() throws Exception {
    Files.createDirectory(
        pins, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    builder().adoptOrLoad(pins).close();
    assertTrue(Files.exists(pins));
    builder().adoptOrLoad(pins).attach().unload();
    assertFalse(Files.exists(pins));
  }

  @Test
  void theSecondAgentIsToldTheFirst() {
    Bypass bypass = resources.add(builder().adoptOrLoad(pins).attach());
    var refused = assertThrows(DirectoryInUseException.class, () -> builder().adopt(pins));
    assertEquals(OptionalLong.of(ProcessHandle.current().pid()), refused.holder());
    assertThrows(DirectoryInUseException.class, () -> Bypass.uninstall(pins));
    bypass.close();
    builder().adoptOrLoad(pins).close();
  }
}
