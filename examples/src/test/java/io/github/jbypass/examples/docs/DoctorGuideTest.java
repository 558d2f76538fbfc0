// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.CheckFailedException;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.Doctor;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import org.junit.jupiter.api.Test;

/** docs/doctor.md, and the javadoc of Doctor: what they show. */
@KernelTest
class DoctorGuideTest {
  @Test
  void whatTheJavadocShowsRuns() {
    var diagnosis = Doctor.examine();
    System.out.println(diagnosis.works());
    for (var finding : diagnosis.findings()) {
      System.out.println(finding.check() + ": " + finding.verdict() + ", " + finding.notice());
    }
    assertThat(diagnosis.works()).isTrue();
  }

  @Test
  void whatThePageShowsRuns() {
    try (var group = TestCgroup.create()) {
      var cgroup = group.cgroup();
      loadOrNot(cgroup);
    }
  }

  private static void loadOrNot(Cgroup cgroup) {
    try (var bypass = Bypass.builder().cgroup(cgroup).load()) {
      bypass.attach();
    } catch (CheckFailedException e) {
      System.err.println(e.check() + " does not hold: " + e.getMessage());
    }
  }
}
