// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@KernelTest
class CgroupTest {
  private TestCgroup group;

  @BeforeEach
  void create() {
    group = TestCgroup.create();
  }

  @AfterEach
  void remove() {
    group.close();
  }

  @Test
  void aGroupIsKnownByItsInode() throws IOException {
    assertThat(group.cgroup().id()).isEqualTo(Files.getAttribute(group.path(), "unix:ino"));
    assertThat(Cgroup.at(group.path()).id()).isEqualTo(group.cgroup().id());
    assertThat(Cgroup.at(group.path().resolve("..").resolve(group.path().getFileName())).path())
        .isEqualTo(group.path());
  }

  @Test
  void processesMoveInAndOut() {
    long self = ProcessHandle.current().pid();
    assertThat(group.cgroup().processes()).isEmpty();

    group.enter();
    assertThat(group.cgroup().processes()).containsExactly(self);

    group.leave();
    assertThat(group.cgroup().processes()).isEmpty();
  }

  @Test
  void groupsNest() {
    var child = group.cgroup().createChild("inner");
    assertThat(child.path()).isEqualTo(group.path().resolve("inner")).isDirectory();
    assertThatExceptionOfType(AlreadyExistsException.class)
        .isThrownBy(() -> group.cgroup().createChild("inner"))
        .withMessageContaining("inner: there is one already");
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> group.cgroup().delete())
        .withMessageContaining("it still has processes or groups below [EBUSY]");

    child.delete();
    assertThat(child.path()).doesNotExist();
  }

  @Test
  void aNameIsOnePathElement() {
    for (var name : new String[] {"", " ", "a/b", "..", "."}) {
      assertThatIllegalArgumentException().isThrownBy(() -> group.cgroup().createChild(name));
    }
  }

  @Test
  void aProcessThatDoesNotExistIsReported() {
    assertThatIllegalArgumentException().isThrownBy(() -> group.add(0)); // to the kernel: myself
    assertThatExceptionOfType(BpfException.class)
        .isThrownBy(() -> group.add(Integer.MAX_VALUE))
        .withMessageContaining("move process 2147483647 to cgroup " + group.path())
        .withMessageContaining("there is no such process [ESRCH]");
  }

  @Test
  void aPathThatDoesNotExistIsNoGroup() {
    assertThatExceptionOfType(NotCgroupException.class)
        .isThrownBy(() -> Cgroup.at(group.path().resolve("missing")))
        .withMessageContaining("there is no such directory")
        .withMessageContaining("cgroup v2 is mounted at " + Cgroup.mountPoint());
  }

  @Test
  void aFileIsNoGroup() {
    assertThatExceptionOfType(NotCgroupException.class)
        .isThrownBy(() -> Cgroup.at(group.path().resolve("cgroup.procs")))
        .withMessageContaining("not a directory");
  }

  @Test
  void aDirectoryElsewhereIsNoGroup(@TempDir Path directory) {
    assertThatExceptionOfType(NotCgroupException.class)
        .isThrownBy(() -> Cgroup.at(directory))
        .withMessageContaining(directory + ": not a cgroup v2; cgroup v2 is mounted at ");
  }

  @Test
  void aGroupThatWasDeletedIsGone() {
    var child = group.cgroup().createChild("inner");
    child.delete();

    assertThatExceptionOfType(NotCgroupException.class).isThrownBy(child::id);
    assertThatExceptionOfType(NotCgroupException.class).isThrownBy(child::processes);
    assertThatExceptionOfType(NotCgroupException.class).isThrownBy(child::delete);
    assertThatExceptionOfType(NotCgroupException.class).isThrownBy(() -> child.add(1));
    assertThatExceptionOfType(NotCgroupException.class)
        .isThrownBy(() -> child.createChild("deeper"))
        .withMessageContaining("does not exist any more");
  }
}
