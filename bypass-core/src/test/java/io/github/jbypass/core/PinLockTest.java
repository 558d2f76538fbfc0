// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.testing.KernelTest;
import java.nio.file.Files;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who works with a directory of pins keeps others out. */
@KernelTest
class PinLockTest {
  private final TestBpfFileSystem mount = new TestBpfFileSystem();
  private final PinDirectory directory = PinDirectory.create(mount.file("pins"));

  @AfterEach
  void unmount() {
    mount.close();
  }

  @Test
  void theSecondInOneProcessIsToldThisProcess() {
    try (var _ = directory.lock()) {
      var refused = assertThrows(DirectoryInUseException.class, directory::lock);
      assertEquals(OptionalLong.of(ProcessHandle.current().pid()), refused.holder());
      assertTrue(
          refused.getMessage().contains("process " + ProcessHandle.current().pid()),
          refused.getMessage());
    }
  }

  @Test
  void theSecondProcessIsToldTheFirst() throws Exception {
    var holder =
        new ProcessBuilder("flock", mount.file("pins").toString(), "sh", "-c", "echo; exec cat")
            .start();
    try (var output = holder.inputReader()) {
      output.readLine();
      var refused = assertThrows(DirectoryInUseException.class, directory::lock);
      long named = refused.holder().orElseThrow();
      assertTrue(
          named == holder.pid() || holder.descendants().anyMatch(child -> child.pid() == named),
          refused.getMessage());
    } finally {
      holder.descendants().forEach(ProcessHandle::destroyForcibly);
      holder.destroyForcibly().waitFor();
    }
    directory.lock().close(); // and the kill ended its lock
  }

  @Test
  void closedItLetsTheNextIn() {
    directory.lock().close();
    directory.lock().close();
  }

  @Test
  void aDirectoryThatIsMovedKeepsItsPins() {
    var spec = new BpfMapSpec("kept", MapType.ARRAY, 4, 4, 1);
    try (var map = BpfMap.create(spec)) {
      map.pin(directory.file("kept"));
      var moved = directory.moveTo(mount.file("moved"));
      moved.openMap("kept", spec).close();
      moved.unpin("kept");
      moved.delete();
    }
    assertTrue(Files.notExists(directory.path()));
  }
}
