// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.testing.KernelTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The snippets of docs/life-cycle.md. */
@KernelTest
class LifeCycleGuideTest extends PinnedCase {
  @Test
  void anAgentThatCanBeReplacedAtAnyMoment() {
    for (int i = 0; i < 2; i++) {
      run(cgroup.cgroup(), pins);
      Talk.on(connect(), i);
    }
    try (var adopted = Bypass.builder().cgroup(cgroup.cgroup()).adopt(pins)) {
      assertTrue(adopted.counters().toString().contains("connections_paired=2"));
    }
  }

  private static void run(io.github.jbypass.core.Cgroup cgroup, Path directory) {
    try (var bypass = Bypass.builder().cgroup(cgroup).adoptOrLoad(directory)) {
      // with intercept(), bypass.pods() is filled here: nothing is in effect yet
      bypass.attach();
      bypass.retirePredecessors(); // now and then
    } // the data path goes on
  }

  @Test
  void beforeItIsRemoved() {
    try (var bypass = builder().load().attach().pinTo(pins)) {
      var report = bypass.drain(Duration.ofSeconds(10));
      if (!report.isDrained()) {
        System.err.println(report); // who does not read, and how many bytes
      }
      bypass.unload();
    }
    assertEquals(false, Files.exists(pins));
  }

  @Test
  void withoutAnAgent() {
    builder().load().attach().pinTo(pins).close();
    var directory = pins;
    try (var pinned = PinnedBypass.at(directory)) {
      pinned.disable();
    }
    var report = Bypass.uninstall(directory);
    assertEquals(List.of(), report.left());
  }
}
