// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.util.List;
import org.junit.jupiter.api.Test;

@KernelTest
class TemporaryGroupTest {
  private static final long PID = ProcessHandle.current().pid();

  @Test
  void closingMovesTheProcessBack() {
    try (var group = TestCgroup.create()) {
      group.enter();
      try (var temporary = TemporaryGroup.below(TemporaryGroup.usualParents())) {
        assertThat(temporary.group().processes()).containsExactly(PID);
      }
      assertThat(group.cgroup().processes()).containsExactly(PID);
      group.leave();
    }
  }

  /** As systemd does with a scope that nobody is in any more. */
  @Test
  void whereItsOwnGroupWasRemovedMeanwhileTheProcessGoesToTheOneAbove() {
    try (var above = TestCgroup.create()) {
      var own = above.cgroup().createChild("scope");
      own.add(PID);
      var temporary = TemporaryGroup.below(List.of(Cgroup.at(Cgroup.mountPoint())));
      own.delete();

      temporary.close();

      assertThat(above.cgroup().processes()).containsExactly(PID);
      assertThat(temporary.group().path()).doesNotExist();
      above.leave();
    }
  }
}
