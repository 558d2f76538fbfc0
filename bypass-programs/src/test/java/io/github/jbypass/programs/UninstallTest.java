// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.core.BpfLink;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfMapSpec;
import io.github.jbypass.core.LinkInfo;
import io.github.jbypass.core.MapType;
import io.github.jbypass.core.PinException;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.testing.KernelTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Everything that was ever pinned is removed, and only that. */
@KernelTest
class UninstallTest extends PinnedCase {
  private static final BpfMapSpec FOREIGN = new BpfMapSpec("other", MapType.ARRAY, 4, 4, 1);

  @Test
  void nothingIsLeftAndConnectionsGoOn() {
    builder().intercept(Mesh.ISTIO).load().attach().pinTo(pins).close();
    Pair pair = connect();
    Talk.on(pair, 1);
    var report = Bypass.uninstall(pins);
    assertEquals(1, report.removed().size());
    assertEquals(List.of(), report.left());
    assertFalse(Files.exists(pins));
    Talk.on(pair, 2);
    Talk.on(connect(), 3);
  }

  @Test
  void whereNothingIsThereIsNothingToDo() {
    assertEquals(UninstallReport.NOTHING, Bypass.uninstall(pins));
  }

  @Test
  void whoeverHoldsALinkItIsDetached() throws Exception {
    builder().load().attach().pinTo(pins).close();
    try (BpfLink held = BpfLink.adopt(pin("track_connections"))) {
      Bypass.uninstall(pins);
      assertEquals(new LinkInfo.OfNothing(), held.info().target());
    }
  }

  @Test
  void filesOfOthersStayAndAreReported() throws Exception {
    builder().load().attach().pinTo(pins).close();
    Path layout = layout();
    Path below = layout.resolve("other");
    Path disguised = layout.resolve("networks");
    Path beside = pins.resolve("sockets");
    Path directory = Files.createDirectory(pins.resolve("theirs"));
    Path link = Files.createSymbolicLink(layout.resolve("events_"), Path.of("/etc/passwd"));
    try (BpfMap map = BpfMap.create(FOREIGN)) {
      map.pin(below);
      map.pin(disguised);
      map.pin(beside);
    }
    var report = Bypass.uninstall(pins);
    assertEquals(List.of(), report.removed());
    assertEquals(
        List.of(layout, link, disguised, below, beside, directory).stream().sorted().toList(),
        report.left().stream().sorted().toList());
    assertEquals(List.of(link, disguised, below), list(layout));
    for (Path file : report.left()) {
      assertTrue(Files.exists(file), file + " is gone");
    }
  }

  @Test
  void theRemainsOfAProcessThatWasKilledWhilePinningAreRemoved() throws Exception {
    builder().load().attach().pinTo(pins).close();
    Files.move(layout(), layout().resolveSibling(layout().getFileName() + "_making"));
    Bypass.uninstall(pins);
    assertFalse(Files.exists(pins));
  }

  @Test
  void damagedPinsAreRemovedToo() throws Exception {
    builder().load().attach().pinTo(pins).close();
    Files.delete(pin("sockets"));
    var damaged = assertThrows(PinException.class, () -> builder().adopt(pins));
    assertTrue(damaged.getMessage().contains(pins + "/"), damaged.getMessage());
    assertTrue(damaged.getMessage().contains("uninstall " + pins), damaged.getMessage());
    Bypass.uninstall(pins);
    assertFalse(Files.exists(pins));
  }

  @Test
  void aMapThatIsNotOursIsNotAdopted() throws Exception {
    builder().load().attach().pinTo(pins).close();
    Path proxies = pin("proxies");
    Files.delete(proxies);
    try (BpfMap map = BpfMap.create(FOREIGN)) {
      map.pin(proxies);
    }
    var damaged = assertThrows(PinException.class, () -> builder().adopt(pins));
    assertTrue(damaged.getMessage().contains("value size"), damaged.getMessage());
    assertEquals(List.of(layout(), proxies), Bypass.uninstall(pins).left());
  }

  @Test
  void whatWasRemovedByHandIsNoObstacleToUnloading() throws Exception {
    Bypass bypass = builder().load().attach().pinTo(pins);
    for (Path pin : list(layout())) {
      Files.delete(pin);
    }
    Files.delete(layout());
    bypass.unload();
    assertFalse(Files.exists(pins));
    Talk.on(connect(), 1);
  }

  private Path layout() throws Exception {
    return list(pins).getFirst();
  }

  private Path pin(String prefix) throws Exception {
    return list(layout()).stream()
        .filter(file -> file.getFileName().toString().startsWith(prefix))
        .findFirst()
        .orElseThrow();
  }

  private static List<Path> list(Path directory) throws Exception {
    try (var files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }
}
