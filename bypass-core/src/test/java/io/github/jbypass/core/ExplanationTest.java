// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.jbypass.core.internal.BpfCalls;
import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** Failures that the kernel reports with one number and that have several causes. */
@KernelTest
class ExplanationTest {
  /** Attaches the old way, which allows no other program beside this one. */
  private static void attachExclusively(BpfProgram program, Cgroup group) {
    try (var target = group.open()) {
      int result =
          program
              .fd()
              .use(
                  number ->
                      BpfCalls.attach(
                          number, target.number(), AttachType.CGROUP_SOCK_OPS.number()));
      assertThat(result).isZero();
    }
  }

  @Test
  void aProgramThatToleratesNoOtherIsFoundInTheGroup() {
    try (var group = TestCgroup.create();
        var object = Fixture.load()) {
      attachExclusively(object.program("count_runs"), group.cgroup());

      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> object.program("count_runs").attach(group.cgroup()))
          .isNotInstanceOf(PrivilegeException.class)
          .withMessageContaining(
              "another program is attached to %s that allows none beside it", group.cgroup())
          .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
    }
  }

  @Test
  void aProgramThatToleratesNoOtherIsFoundInAGroupAbove() {
    try (var group = TestCgroup.create();
        var object = Fixture.load()) {
      attachExclusively(object.program("count_runs"), group.cgroup());
      var child = group.cgroup().createChild("below");
      try {
        assertThatExceptionOfType(BpfException.class)
            .isThrownBy(() -> object.program("count_runs").attach(child))
            .withMessageContaining("another program is attached to " + group.cgroup() + " that");
      } finally {
        child.delete();
      }
    }
  }

  @Test
  void asManyProgramsAsAGroupTakesIsTold() {
    try (var group = TestCgroup.create();
        var object = Fixture.load()) {
      var program = object.program("count_runs");
      var links = new ArrayList<BpfLink>();
      try {
        for (int i = 0; i < 64; i++) {
          links.add(program.attach(group.cgroup()));
        }
        assertThatExceptionOfType(BpfException.class)
            .isThrownBy(() -> program.attach(group.cgroup()))
            .withMessageContaining("there are 64 programs attached, which is the limit [E2BIG]");
      } finally {
        links.forEach(BpfLink::close);
      }
    }
  }

  @Test
  void aMapThatIsTooLargeIsToldWithItsSizes() {
    try (var spec = Fixture.open("fixture")) {
      spec.maxEntries("numbers", Integer.MAX_VALUE);
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(spec::load)
          .withMessageContaining("create map numbers: too large: HASH with 2147483647 entries")
          .withMessageContaining("keys of 4 and values of 8 bytes");
    }
  }

  @Test
  void sizesThatTheKernelDoesNotAcceptAreTold() {
    var odd = new BpfMapSpec("stacks", MapType.STACK_TRACE, 4, 12, 1); // whose values are numbers

    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> BpfMap.create(odd).close())
        .withMessage(
            "create map stacks: the kernel has this type but does not accept its sizes or flags:"
                + " STACK_TRACE with 1 entries, keys of 4 and values of 12 bytes [EINVAL]");
  }
}
