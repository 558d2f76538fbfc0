// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.Pin;
import io.github.jbypass.core.PinDirectory;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Other control groups than before, and what does not work out. */
@KernelTest
class FailedAdoptTest extends PinnedCase {
  @Test
  void aControlGroupThatIsGoneIsForgotten() {
    TestCgroup other = TestCgroup.create();
    builder().cgroup(other.cgroup()).load().attach().pinTo(pins).close();
    other.close();
    adopt().attach();
    assertEquals(1, programs("track_connections").size());
    Talk.on(connect(), 1);
  }

  @Test
  void aControlGroupIsAddedAndAnotherDropped() {
    TestCgroup other = resources.add(TestCgroup.create());
    builder().load().attach().pinTo(pins).close();
    builder().cgroup(other.cgroup()).adopt(pins).attach().close();
    assertEquals(2, programs("track_connections").size());
    Bypass.builder().cgroup(other.cgroup()).adopt(pins).attach().close();
    assertEquals(1, programs("track_connections").size());
    Talk.on(connect(), 1);
    Bypass bypass = adopt().attach();
    assertEquals(0, bypass.counters().get(Counter.CONNECTIONS_PAIRED), "in a dropped group");
    Talk.on(connect(), 2);
    assertEquals(1, bypass.counters().get(Counter.CONNECTIONS_PAIRED));
  }

  @Test
  void whenANewGroupVanishesInBetweenEverythingIsAsBefore() {
    builder().load().attach().pinTo(pins).close();
    Map<String, Integer> before = programs("");
    TestCgroup other = TestCgroup.create();
    Bypass adopted = resources.add(builder().cgroup(other.cgroup()).adopt(pins));
    other.close();
    assertThrows(BpfException.class, adopted::attach);
    assertEquals(before, programs(""));
    Talk.on(connect(), 1);
    assertEquals(1, adopted.counters().get(Counter.CONNECTIONS_PAIRED));
  }

  /** A pin is in the place of another, whose program can't be put in its place. */
  @Test
  void whenAProgramCanNotBeReplacedTheOthersArePutBack() throws Exception {
    builder().intercept(Mesh.ISTIO).load().attach().pinTo(pins).close();
    Path tracker = file("track_connections");
    Path leader = file("intercept_sendmsg6");
    Path aside = pins.resolve("aside");
    Files.move(leader, aside);
    Files.move(tracker, leader); // the last one that would be replaced
    Files.move(aside, tracker);
    Map<String, Integer> before = programs("");

    Bypass adopted = resources.add(builder().intercept(Mesh.ISTIO).adopt(pins));
    var failure = assertThrows(BpfException.class, adopted::attach);
    assertTrue(failure.getMessage().contains(tracker.toString()), failure.getMessage());
    assertEquals(before, programs(""));
    Talk.on(connect(), 1);
    assertEquals(1, adopted.counters().get(Counter.CONNECTIONS_PAIRED));
  }

  @Test
  void whatAProcessHasLeftThatWasKilledWhilePinningIsRemoved() throws Exception {
    builder().load().attach().pinTo(pins).close();
    Path layout = file("sockets").getParent();
    Files.move(layout, layout.resolveSibling(layout.getFileName() + "_making"));
    Bypass bypass = resources.add(builder().adoptOrLoad(pins).attach());
    assertFalse(Files.exists(layout.resolveSibling(layout.getFileName() + "_making")));
    Talk.on(connect(), 1);
    assertEquals(1, bypass.counters().get(Counter.CONNECTIONS_PAIRED));
  }

  /** Pinned links by file, with the program of each. */
  private Map<String, Integer> programs(String prefix) {
    Map<String, Integer> programs = new TreeMap<>();
    try (var walk = PinDirectory.at(pins).walk()) {
      walk.forEach(
          pin -> {
            String name = pin.file().getFileName().toString();
            if (pin instanceof Pin.OfLink link && name.startsWith(prefix)) {
              programs.put(name, link.info().program());
            }
          });
    }
    return programs;
  }

  private Path file(String prefix) throws Exception {
    try (var files = Files.walk(pins)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .findFirst()
          .orElseThrow();
    }
  }
}
